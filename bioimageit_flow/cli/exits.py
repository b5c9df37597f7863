"""What the command line exits with.

====  ==================================================================
code  meaning
====  ==================================================================
0     done
1     a fault of the program itself
2     wrong usage: unknown command, option or value
3     a job failed, or the run is partial; a demo missed the truth
4     a file is missing, unreadable, or not what it claims to be
5     the workflow cannot be read or run as it stands
6     a tool is unknown, malformed, not trusted, or fails its tests
7     no container engine, image or environment that could run a tool
8     the experiment cannot be opened, read or written
9     a plug-in cannot be loaded
130   cancelled by the user
141   whoever read the output stopped reading (``| head``)
====  ==================================================================

Codes from 3 on are those of the classes in `bioimageit_flow.errors`.
"""

from typing import Final

DONE: Final = 0
FAULT: Final = 1
USAGE: Final = 2
FAILED: Final = 3
BAD_DATA: Final = 4
NOT_RUNNABLE: Final = 5
BAD_TOOL: Final = 6
CANCELLED: Final = 130
NOBODY_READS: Final = 141

MEANINGS: Final = {
    DONE: "done",
    FAULT: "a fault of the program itself",
    USAGE: "wrong usage: unknown command, option or value",
    FAILED: "a job failed, or the run is partial",
    BAD_DATA: "a file is missing, unreadable, or not what it claims to be",
    NOT_RUNNABLE: "the workflow cannot be read or run as it stands",
    BAD_TOOL: "a tool is unknown, malformed, not trusted, or fails its tests",
    7: "no container engine, image or environment that could run a tool",
    8: "the experiment cannot be opened, read or written",
    9: "a plug-in cannot be loaded",
    CANCELLED: "cancelled",
}
