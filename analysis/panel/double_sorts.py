"""Fifths of the portfolios of two sorts, such as ``s1v5`` or ``me1op3``, and their names."""

FIFTHS = (1, 2, 3, 4, 5)

#: How a fifth by size is called, the smallest first.
SIZE_WORDS = {1: "small", 2: "fairly small", 3: "mid-sized", 4: "fairly large", 5: "large"}
