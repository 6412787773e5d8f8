"""What a person sees and touches: Qt widgets and plots, nothing that computes for long."""
