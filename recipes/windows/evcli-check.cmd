@echo off
rem Checks a workspace with evcli; meant for the Task Scheduler, every 15 minutes.
rem   evcli-check.cmd "\\server\share\folder" ["C:\evcli\.venv\Scripts\evcli.exe"]
rem Reports and log: %LOCALAPPDATA%\evcli\reports. Exit code: that of evcli (0 fine, 1 findings,
rem 2 wrong usage or table, 3 environment). Keep this file in ASCII: paths come as arguments.
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul
set "PYTHONUTF8=1"
set "EVCLI=evcli"
if not "%~2"=="" set "EVCLI=%~2"
set "OUT=%LOCALAPPDATA%\evcli\reports"
set "LOG=%OUT%\evcli-check.log"
if not exist "%OUT%\" mkdir "%OUT%"
if not exist "%OUT%\" exit /b 3
rem A long log is put aside; the one before it goes.
if exist "%LOG%" for %%F in ("%LOG%") do if %%~zF GTR 1000000 move /y "%LOG%" "%LOG%.old" >nul
>>"%LOG%" echo ==== %DATE% %TIME%
if "%~1"=="" goto usage
rem pushd gives a share a drive letter for as long as this runs.
pushd "%~1" 2>>"%LOG%" || goto unreachable
rem The log tells what changed since the last check; the reports hold everything.
"%EVCLI%" check -q --baseline "%OUT%\evcli.json" --report "json=%OUT%\evcli.json" --report "junit=%OUT%\evcli.xml" >>"%LOG%" 2>&1
set "CODE=%ERRORLEVEL%"
popd
rem Any other code (such as 9009, no such program): evcli did not run, or did not get to its end.
if %CODE% GTR 3 set "CODE=3"
if %CODE% LSS 0 set "CODE=3"
>>"%LOG%" echo exit code: %CODE%
exit /b %CODE%

:usage
>>"%LOG%" echo Which folder? Call: evcli-check.cmd "\\server\share\folder"
exit /b 2

:unreachable
>>"%LOG%" echo The folder cannot be reached: "%~1"
exit /b 3
