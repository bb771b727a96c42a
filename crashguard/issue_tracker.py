"""The form for a new issue, as `install(issue_url=...)` names it: checked, and completed.

A start imports this module only where the tool names an issue tracker.
"""

from crashguard.exceptions import ConfigurationError

GITHUB, GITLAB = "github", "gitlab"
_LIKE_GITHUB = (GITHUB, "gitea", "forgejo", "codeberg")  # by which their hosts are called
_FORM = "/issues/new"
_MOST = 500


def form(given: str) -> str:
    """The address of the form. Of a repository, or its list of issues, on a tracker that is known it is made.

    Raises:
        ConfigurationError: It is none, and the tracker is not known or there is no repository in it.
    """
    is_text = isinstance(given, str) and given.isascii() and given.isprintable() and " " not in given
    if not is_text or not given.startswith(("https://", "http://")) or len(given) > _MOST:
        raise _error(given, "give a URL such as https://github.com/OWNER/REPO/issues/new")
    rest = given.replace("{title}", "", 1).replace("{body}", "", 1)
    if "{" not in rest and "}" not in rest:
        if len(rest) == len(given) - len("{title}{body}"):
            return given
        if rest == given:
            made = given.rstrip("/") if _FORM in given else _completed(given)
            if made is not None:
                return made
    raise _error(
        given,
        "it is not the form of GitHub, GitLab, Gitea or Forgejo (.../issues/new); "
        "name the places of title and text, as in https://example.com/bug?subject={title}&text={body}",
    )


def _completed(given: str) -> str | None:
    """The form of a repository; None where the tracker is not known, or something else is named."""
    if "?" in given or "#" in given:
        return None
    scheme, _, host, *path = given.rstrip("/").split("/")
    if path[-1:] == ["issues"]:
        path.pop()
    of_gitlab = is_gitlab(given)
    if of_gitlab and path[-1:] == ["-"]:
        path.pop()
    if (
        "-" in path
        or not all(path)
        or not (len(path) > 1 if of_gitlab else len(path) == 2 and is_like_github(given))
    ):
        return None
    repository = "/".join((scheme, "", host, *path)).removesuffix(".git")
    return f"{repository}/-{_FORM}" if of_gitlab else f"{repository}{_FORM}"


def is_gitlab(url: str) -> bool:
    """Whether it is an address of GitLab: by its path, or in the former path without `/-/` by its host."""
    return f"/-{_FORM}" in url or GITLAB in host(url)


def is_like_github(url: str) -> bool:
    """Whether it is an address of GitHub, or of a tracker with the same addresses."""
    return any(map(host(url).count, _LIKE_GITHUB))


def host(url: str) -> str:
    """The host in an address."""
    return url.split("/")[2].lower()


def _error(given: object, problem: str) -> ConfigurationError:
    return ConfigurationError(f"issue_url={given!r}: {problem}")
