"""The readers of evidence: bytes of an answer to values, or a sentence that says what is wrong."""
