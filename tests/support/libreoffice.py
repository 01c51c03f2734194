"""LibreOffice as a writer of files: many conversions in one start, with a password where one is given."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Save"/></library:library>"""
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>"""
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Save" script:language="StarBasic">
Sub One(source As String, target As String, kind As String, secret As String)
 Dim a(0) As New com.sun.star.beans.PropertyValue
 a(0).Name = "Hidden" : a(0).Value = True
 d = StarDesktop.loadComponentFromURL(source, "_blank", 0, a())
 Dim b(1) As New com.sun.star.beans.PropertyValue
 b(0).Name = "FilterName" : b(0).Value = kind
 If secret &lt;&gt; "" Then
  b(1).Name = "Password" : b(1).Value = secret
 End If
 d.storeToURL(target, b())
 d.close(True)
End Sub
Sub Main
{calls}
End Sub
</script:module>"""
_SECONDS = 180


class Conversion(NamedTuple):
    """Open `source`, and store it as `target` with the filter of this name."""

    source: Path
    target: Path
    filter: str
    password: str = ""


def convert(profile: Path, conversions: Iterable[Conversion]) -> None:
    """Do the conversions with a fresh profile in this folder. Raises CalledProcessError, TimeoutExpired."""
    option = f"-env:UserInstallation={profile.as_uri()}"
    # A first start makes the profile, and would throw away a library that is already there.
    command = ["soffice", "--headless", option, "--terminate_after_init"]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    standard = profile / "user/basic/Standard"
    standard.mkdir(parents=True, exist_ok=True)
    (standard / "script.xlb").write_text(_LIBRARY, "utf-8")
    (standard.parent / "script.xlc").write_text(_LIBRARIES, "utf-8")
    calls = "\n".join(
        f' One("{one.source.as_uri()}", "{one.target.as_uri()}", "{one.filter}", "{one.password}")'
        for one in conversions
    )
    (standard / "Save.xba").write_text(_MODULE.replace("{calls}", calls), "utf-8")
    command = ["soffice", "--headless", option, "macro:///Standard.Save.Main"]
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
