"""The page in a real browser: Chromium against a server on a port."""
