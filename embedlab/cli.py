"""The `embedlab` command."""

from typing import Annotated

import typer

from embedlab.start import ROOT, CourseError, start

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def embedlab() -> None:
    """The student's side of the course."""


@app.command("start")
def start_command(
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port JupyterLab listens on.")
    ] = None,
) -> None:
    """Copy the lectures into your own folder and open JupyterLab there."""
    try:
        start(ROOT, browser=browser, port=port)
    except CourseError as error:
        typer.echo(f"embedlab: {error}", err=True)
        raise typer.Exit(1) from None


def main() -> None:
    """Run the command line."""
    app(prog_name="embedlab")
