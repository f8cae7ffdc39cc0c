"""The state of the window needs no Qt."""

import sys


def test_the_state_loads_no_qt() -> None:
    import subprocess

    code = (
        "import sys, innerear.gui.state.parameter_controller, innerear.gui.state.slots;"
        "import innerear.gui.network.aim, innerear.gui.network.layout;"
        "import innerear.gui.network.picture, innerear.gui.state.settings, innerear.gui.state.undo;"
        "import innerear.gui.state.commands, innerear.gui.state.groups;"
        "import innerear.gui.style.colours, innerear.gui.views.columns;"
        "assert not any(name.startswith(('PySide6', 'torch')) for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
