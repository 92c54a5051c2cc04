"""The ways in: each translates one kind of traffic to the core and checks what only it can see."""
