"""What the authority reports (态势分析, 考核): figures, the health of the catalogue, lists of duties, exclusive openings.

Above every room it reads and below none: nothing here changes a case of another room. Each figure comes with the
statement that gave it.
"""
