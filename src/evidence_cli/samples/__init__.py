"""Writers of small, valid documents of many formats, for the demo, the answer template and the tests.

Every writer is a pure function of its arguments: no clock, no chance, nothing of the machine in the bytes.
"""
