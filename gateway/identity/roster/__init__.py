"""The roster (人员和应用系统名册): people and application systems registered, changed and ended by an Excel sheet.

Vocabulary: a *row* says how one person or system shall be; *state* says whether it is in use. Invariants: a file is opened in
a worker with bounded time and memory; nothing is stored unless every row is right; who is not in the sheet stays as they are;
nobody changes the own row; one record for the import and one for every change.
"""
