"""Lists of duties (数据共享责任清单, 庆政办发〔2018〕132号 item 24): per department and year what is shared, with whom, by when, who answers.

Vocabulary: a *line* is one published entry of the catalogue; a *version* is the list as it was published; *live* is what
became of a line since: the entry's state, its health, and the clocks of its applications that ran out.
Invariants: a published version is never changed; a newer one stands beside it.
"""
