"""Whether what is shared is true: corrections (校核), and comparisons of sources (多源校核).

Above ``authz`` because a doubt is tied to the grant under which the record was received.
"""
