"""Candidates for the decisive test of a claim, by the design of the claim."""
