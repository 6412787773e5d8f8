"""What a report says about a project, gathered part by part."""
