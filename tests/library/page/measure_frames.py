"""Measures how fluently the page's map moves, in a browser without a GPU.

python -m tests.library.page.measure_frames 10000 100000
"""

import argparse
import socket
import tempfile
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, Route

from innerear.library.library import Library
from innerear.library.page.app import make_app
from innerear.library.synthetic import synthetic_library

from ...browsing import browsing

# Moves the map in every frame, for four seconds; `all` draws all points in every frame.
MOVE = """async (all) => {
  const map = window.measuredMap;
  if (all) map.keepPace = (now) => { map.drawnAt = now; map.level = 0; };
  const begin = performance.now();
  let frames = 0;
  await new Promise((done) => {
    const move = () => {
      frames += 1;
      map.pan(3 * Math.sin(frames / 9), 3 * Math.cos(frames / 9));
      if (performance.now() - begin > 4000) done();
      else requestAnimationFrame(move);
    };
    requestAnimationFrame(move);
  });
  return [frames / ((performance.now() - begin) / 1000), 2 ** map.level];
}"""


def measure(page: Page, address: str, count: int) -> None:
    """Open the page of a library of `count` items, and print a line."""
    page.route("**/main.js*", show_map)
    begin = time.perf_counter()
    page.goto(address)
    page.wait_for_function("window.measuredMap?.count > 0", timeout=300_000)
    opened = time.perf_counter() - begin
    page.wait_for_timeout(2_000)
    (thinned, share), (every, _) = page.evaluate(MOVE, False), page.evaluate(MOVE, True)
    print(
        f"{count} points: open after {opened:.1f} s; {thinned:.0f} frames a second with 1 of"
        f" {share} points, {every:.0f} with all",
        flush=True,
    )


def show_map(route: Route) -> None:
    """Let the measurement reach the map."""
    answer = route.fetch()
    script = answer.text().replace("this.map = ", "this.map = window.measuredMap = ")
    route.fulfill(response=answer, body=script)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("points", type=int, nargs="+")
    for count in parser.parse_args().points:
        with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
            synthetic_library(Path(folder) / "library", count)
            listener.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{listener.getsockname()[1]}"
            app = make_app(Library(Path(folder) / "library"), [host])
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
            serving = threading.Thread(target=server.run, args=([listener],), daemon=True)
            serving.start()
            with browsing() as browser:
                context = browser.new_context(
                    bypass_csp=True, viewport={"width": 1280, "height": 800}
                )
                measure(context.new_page(), f"http://{host}/", count)
            server.should_exit = True
            serving.join()


if __name__ == "__main__":
    main()
