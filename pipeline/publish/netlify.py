"""Netlify, by its own program."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.publish import hosted
from pipeline.publish.hosted import Hosted
from pipeline.publish.release import Release
from pipeline.publish.target import Kept, failure

TITLE = "Release "  # the release's id follows


@dataclass
class Netlify(Hosted):
    """`site` is the project's id, `url` where visitors find it.

    The token is the program's own: NETLIFY_AUTH_TOKEN, or `netlify login`.
    """

    site: str

    def deploy(self, release: Release) -> None:
        """Hand the folder to the program; the host takes the files that it has not."""
        self.netlify(
            *("deploy", "--prod", "--no-build", "--json", "--dir", str(release.folder)),
            *("--site", self.site, "--message", f"{TITLE}{release.manifest.id}"),
        )

    def kept(self) -> list[Kept]:
        """Return the deploys that are releases, the newest first."""
        return [kept for kept, _deploy in self.deploys()]

    def switch(self, release: str) -> None:
        """Publish an earlier deploy again."""
        deploy = next((deploy for kept, deploy in self.deploys() if kept.id == release), None)
        if deploy is None:
            raise failure(self.url, "must have the release", release, "see invoke releases")
        self.api("restoreSiteDeploy", {"site_id": self.site, "deploy_id": deploy})

    def deploys(self) -> Iterator[tuple[Kept, str]]:
        """Yield the releases with the ids of their deploys, the newest first."""
        live = self.live()
        shown = live.id if live else ""
        for deploy in self.api("listSiteDeploys", {"site_id": self.site, "production": True}):
            titled = re.fullmatch(rf"{TITLE}(\w+)", str(deploy.get("title") or ""))
            if titled and deploy.get("state") == "ready":
                when = datetime.fromisoformat(str(deploy["created_at"]))
                yield Kept(titled[1], when, titled[1] == shown), str(deploy["id"])
                shown = "" if titled[1] == shown else shown

    def api(self, method: str, data: Mapping[str, Any]) -> Any:
        """Call the host's API by its program."""
        said = self.netlify("api", method, "--data", json.dumps(data))
        try:
            return json.loads(said)
        except ValueError:
            raise failure(self.url, "must answer with JSON", repr(said[:100])) from None

    def netlify(self, *arguments: str) -> bytes:
        """Run the program."""
        return hosted.client("netlify", "netlify-cli", self.url, *arguments)
