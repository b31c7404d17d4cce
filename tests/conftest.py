"""What holds for all tests."""

import signal

# A shell starts what is in its background with interrupts ignored, which this process and those of the tests inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
