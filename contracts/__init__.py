"""What every server of StepFun's image API owes its clients, as tests that ask from outside."""
