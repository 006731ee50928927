"""One open page of a leader: loaded once, then polled for changes every 5 s, as static/js does."""

import json
import os
import re
from itertools import count
from pathlib import Path

from locust import HttpUser, constant_pacing, task

SESSIONS = json.loads(Path(os.environ["SESSIONS"]).read_text(encoding="utf-8"))
HIDDEN = re.compile(r'name="(since|opened)"\s+value="([^"]+)"')
_numbers = count()


class OpenPage(HttpUser):
    """A browser with one leader's page."""

    wait_time = constant_pacing(5)

    def on_start(self) -> None:
        session = SESSIONS[next(_numbers) % len(SESSIONS)]
        self.client.headers["Cookie"] = f"__Host-sessionid={session}"
        page = self.client.get("/referidos/", name="page")
        self.moments = dict(HIDDEN.findall(page.text))

    @task
    def poll(self) -> None:
        answer = self.client.get(
            "/referidos/pending/",
            params=self.moments,
            headers={"HX-Request": "true"},
            name="poll",
        )
        if answer.status_code == 200:
            self.moments |= dict(HIDDEN.findall(answer.text))
