"""What is open, selected, running and undoable. QtCore and QUndoStack only, no widgets."""
