"""The demonstration behind ``./gw demo``: one gateway, three departments' services, and a story told against them.

Everything real runs for real: each part is a process of its own, people act by tokens over the control API, the
registration system proves itself with its key, data is called over the exchange listener. Departments, people and
firms are invented; codes of places are those of GB/T 2260.

Vocabulary: the *world* is the running processes and their temporary directory; the *scene* is what the story has
brought about so far; a *step* is one thing done, with what must come of it; a *chapter* is a run of steps.
Invariant: when the demonstration has ended, however it ended, none of its processes and files is left.
"""
