"""Government data-sharing exchange gateway (政务数据共享交换网关).

Each package below is a room with one duty; README.md holds the drawing, ``tests/house`` keeps it true.
"""

__version__ = "0.1.0"
