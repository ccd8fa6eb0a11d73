"""An AWS stand-in for tests: ministack's API in this process, and Fargate made of real processes.

`python -m awssim` runs it; README.md says what it does beyond ministack and how it is steered.
"""
