"""Three departments' services, started by the demonstration as processes of their own.

They know nothing of the gateway: each serves its data as a department would, and says in ``ready.json`` of its
folder where. ``python -m gateway.demo.departments.<name> FOLDER`` starts one; SIGTERM ends it.
"""
