"""What can be taken out of a project as a table or an array, one module for each."""
