"""What a run says when it is over, and while it lasts: on the terminal, in files, on GitHub."""
