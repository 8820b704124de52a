"""What a sweep says: which inputs matter, when a lever fails, what is robust, and what cannot be told.

Everything here reads a `SweepData`: design points, and for every point and seed the *paired difference* that the reform
makes. It computes the same from a real store and from a test function.
"""
