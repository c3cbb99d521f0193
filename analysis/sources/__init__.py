"""Publishers and their files: fetched, checked, read, never computed with."""
