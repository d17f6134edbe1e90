"""Estimators on a matrix: authorities down, periods across, the newest period last.

They know nothing of names, dates or which way is worse: "up is worse" is settled
before they see a matrix. NaN stands where nothing is published.
"""
