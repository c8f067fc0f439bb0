"""The built-in directory (内置人员目录): passwords and second factors of people who sign in at this gateway itself.

Vocabulary: an *invitation* is a one-time code a security administrator issues, by which a person sets the own password and
second factor; nobody else ever knows the password. A *device* is a sealed mark that a machine gets when a person signed in
on it: attempts with it are counted apart, so that a stranger's wrong guesses do not keep the person out (OWASP, device
cookies). Invariants: passwords are kept as argon2id (RFC 9106), second factors wrapped; a time step is used once; an
unknown login is answered as a wrong password is, after the same work.
"""
