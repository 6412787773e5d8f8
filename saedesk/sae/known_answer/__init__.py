"""The known-answer benchmark: data whose true dictionary and codes are known, and what is found.

`known_answer_data` makes the data sets, `recovery_scores` measures, `known_answer_runs` trains and
measures one SAE, `known_answer_results` holds means, intervals and the stored values (no torch).
"""
