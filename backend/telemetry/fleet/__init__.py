"""Every night: which machines of a fleet were unlike their peers and unlike themselves. It informs people (alarm FLEET,
never above WARN) and gates nothing.
"""
