"""Where organisations publish software and data, as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_GITHUB = Rule(
    slug="github",
    name="GitHub",
    also=("githubuser", "githuborganisation", "githuborganization"),
    icon=True,
    bio_length=160,
    hosts=("github.com", "githubusercontent.com"),
    prefixes={"gist.github.com": "gist", "raw.githubusercontent.com": "raw"},
    kinds={"profile": Kind("https://github.com/{name}")},
    names={
        "name": Name(
            # A last dash is possible in names of long ago.
            re.compile(r"(?=.{1,39}\Z)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*-?"),
            "letters, digits and single dashes inside, at most 39",
        ),
        "image": Name(re.compile(r"((?=.{1,39}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)\.(?:png|atom|keys|gpg)"), "a name"),
    },
    forms=(
        Form("raw/{name}/*/**", "profile", post="a file"),
        Form("gist/{name}", "profile"),
        Form("gist/{name}/*/**", "profile", post="a snippet"),
        Form("orgs/{name}", "profile"),
        Form("orgs/{name}/repositories|people|teams|packages|sponsoring|followers|dashboard|discussions", "profile"),
        Form("orgs|users/{name}/*/**", "profile", post="a page"),
        Form("sponsors/{name}/**", "profile", post="a page for sponsors"),
        Form("stars/{name}/**", "profile", post="a list"),
        Form("{name}", "profile"),
        Form("{image}", "profile", post="a picture or a file"),
        Form("{name}/*/**", "profile", post="a repository"),
    ),
    reserved=USUAL_PAGES
    | words(
        "gist raw orgs users sponsors stars features about topics marketplace settings login sponsors explore search"
        " issues pulls notifications codespaces new organizations enterprise security customer-stories readme"
        " collections trending events pricing nonprofit community blog site join watching dashboard sessions gists"
        " discussions git-guides premium-support partners copilot models advisories government education edu"
        " open-source resources solutions why-github github-copilot mobile apps newsroom social-impact trust-center"
        " accelerator signup starred repos projects packages codesearch import session two_factor edit attributes"
        " assets images fonts enterprises mcp spark maintainers account-login dependabot actions"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://github.com/BrynmorCouncil", "profile brynmorcouncil", "https://github.com/BrynmorCouncil"),
        Is(
            "https://github.com/brynmor-council?tab=repositories",
            "profile brynmor-council",
            "https://github.com/brynmor-council",
        ),
        Is(
            "https://github.com/orgs/brynmor-council/repositories",
            "profile brynmor-council",
            "https://github.com/brynmor-council",
        ),
        Is("https://gist.github.com/brynmor-council", "profile brynmor-council", "https://github.com/brynmor-council"),
    ),
    refused=(
        Not("https://github.com/BrynmorCouncil/register/issues/1", "a repository", "profile brynmorcouncil"),
        Not("https://gist.github.com/brynmor/cbc7e95ed9d015e70e4a", "a snippet", "profile brynmor"),
        Not("https://github.com/orgs/brynmor/projects/8/views/31", "a page", "profile brynmor"),
        Not("https://github.com/sponsors/brynmor", "a page for sponsors", "profile brynmor"),
        Not("https://github.com/search?q=library", "a search"),
        Not("https://github.com/in_valid", "not a name"),
        Not("https://docs.github.com/en/actions", "some other page"),
    ),
)

_FORGE_NAME = Name(
    re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,100}[A-Za-z0-9_\-])?"),
    "letters, digits, dashes, dots and underscores",
)
_FORGE_PAGES = USUAL_PAGES | words(
    "explore users dashboard - groups projects snippets help public api assets oauth session issues pulls repo org user"
    " admin avatars captcha swagger milestones notifications"
)
_GITLAB = Rule(
    slug="gitlab",
    name="GitLab",
    icon=True,
    bio_length=255,
    hosts=("gitlab.com",),
    kinds={"group": Kind("https://gitlab.com/{name}"), "subgroup": Kind("https://gitlab.com/groups/{name}")},
    names={"name": _FORGE_NAME},
    forms=(
        Form("groups/{name}/-/**", "group"),
        Form("groups/{name}", "group"),
        Form("groups/{name}/{name}/**", "subgroup"),
        Form("users|u/{name}/**", "group"),
        Form("{name}", "group"),
        Form("{name}/-/**", "group"),
        Form("{name}/*/**", "group", post="a project"),
    ),
    reserved=_FORGE_PAGES | words("u"),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://gitlab.com/BrynmorCouncil", "group brynmorcouncil", "https://gitlab.com/BrynmorCouncil"),
        Is(
            "https://gitlab.com/groups/brynmor.council/-/members",
            "group brynmor.council",
            "https://gitlab.com/brynmor.council",
        ),
        Is(
            "https://gitlab.com/groups/brynmor/digital",
            "subgroup brynmor/digital",
            "https://gitlab.com/groups/brynmor/digital",
        ),
    ),
    refused=(
        Not("https://gitlab.com/brynmor/register/-/issues/1", "a project", "group brynmor"),
        Not("https://gitlab.com/explore/projects", "a search"),
        Not("https://docs.gitlab.com/ee/", "some other page"),
    ),
)
_CODEBERG = Rule(
    slug="codeberg",
    name="Codeberg",
    icon=True,
    hosts=("codeberg.org",),
    kinds={"profile": Kind("https://codeberg.org/{name}")},
    names={"name": _FORGE_NAME},
    forms=(
        Form("org/{name}/**", "profile"),
        Form("{name}", "profile"),
        Form("{name}/-/**", "profile"),
        Form("{name}/*/**", "profile", post="a repository"),
    ),
    reserved=_FORGE_PAGES,
    bare=((ANY, "{}"),),
    examples=(
        Is("https://codeberg.org/BrynmorCouncil", "profile brynmorcouncil", "https://codeberg.org/BrynmorCouncil"),
        Is(
            "https://codeberg.org/org/brynmor-council/members",
            "profile brynmor-council",
            "https://codeberg.org/brynmor-council",
        ),
        Is("codeberg.org/brynmor.council?tab=stars", "profile brynmor.council", "https://codeberg.org/brynmor.council"),
    ),
    refused=(
        Not("https://codeberg.org/brynmor/register", "a repository", "profile brynmor"),
        Not("https://codeberg.org/explore/repos", "a search"),
    ),
)
_FORGE = Rule(
    slug="forge",
    name="Another code forge",
    also=("gitea", "forgejo", "selfhostedgitlab"),
    federated=True,
    icon=False,
    hosts=(
        "gitea.com",
        "framagit.org",
        "salsa.debian.org",
        "invent.kde.org",
        "gitlab.gnome.org",
        "notabug.org",
        "git.sr.ht",
    ),
    host_words=words("gitlab gitea forgejo"),
    kinds={"profile": Kind("https://{host}/{name}", "{name} on {host}", "{name}@{host}")},
    names={"name": _FORGE_NAME},
    forms=(
        Form("groups|org|users|u/{name}/**", "profile"),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a project"),
    ),
    reserved=_FORGE_PAGES,
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://gitlab.brynmor.example.org/Digital",
            "profile digital@gitlab.brynmor.example.org",
            "https://gitlab.brynmor.example.org/Digital",
        ),
        Is("https://gitea.com/brynmor", "profile brynmor@gitea.com", "https://gitea.com/brynmor"),
        Is(
            "https://framagit.org/groups/brynmor/-/members",
            "profile brynmor@framagit.org",
            "https://framagit.org/brynmor",
        ),
    ),
    refused=(
        Not("https://gitea.com/brynmor/register", "a project", "profile brynmor@gitea.com"),
        Not("https://gitlab.brynmor.example.org/explore", "a search"),
    ),
)
_BITBUCKET = one_name(
    "bitbucket",
    "Bitbucket",
    "bitbucket.org/{name}",
    below="a repository",
    first=(Form("{name}/workspace/**", "profile"),),
    reserved="repo account snippets workspace dashboard xpushes gateway site",
    examples=(
        Is("https://bitbucket.org/BrynmorCouncil/", "profile brynmorcouncil", "https://bitbucket.org/BrynmorCouncil"),
        Is("https://bitbucket.org/brynmor/workspace/repositories/", "profile brynmor", "https://bitbucket.org/brynmor"),
        Is("bitbucket.org/brynmor_council", "profile brynmor_council", "https://bitbucket.org/brynmor_council"),
    ),
    refused=(
        Not("https://bitbucket.org/brynmor/register/src", "a repository", "profile brynmor"),
        Not("https://bitbucket.org/product", "some other page"),
    ),
)
_DOCKER = one_name(
    "dockerhub",
    "Docker Hub",
    "hub.docker.com/u/{name}",
    hosts=("docker.com",),
    icon=True,
    first=(
        Form("r/{name}/*/**", "profile", post="an image"),
        Form("_/**", post="an image"),
        Form("orgs|repositories/{name}/**", "profile"),
    ),
    reserved="r _ orgs repositories u extensions plugins",
    examples=(
        Is("https://hub.docker.com/u/Brynmor", "profile brynmor", "https://hub.docker.com/u/Brynmor"),
        Is("https://hub.docker.com/orgs/brynmor/members", "profile brynmor", "https://hub.docker.com/u/brynmor"),
        Is("https://docker.com/u/brynmor", "profile brynmor", "https://hub.docker.com/u/brynmor"),
    ),
    refused=(
        Not("https://hub.docker.com/r/brynmor/register", "an image", "profile brynmor"),
        Not("https://hub.docker.com/_/python", "an image"),
        Not("https://docs.docker.com/engine/", "some other page"),
    ),
)
_PYPI = one_name(
    "pypi",
    "PyPI",
    "pypi.org/user/{name}",
    first=(Form("project|p|simple/**", post="a package"), Form("org/{name}/**", "profile")),
    reserved="project p simple org classifiers security manage",
    examples=(
        Is("https://pypi.org/user/Brynmor/", "profile brynmor", "https://pypi.org/user/Brynmor"),
        Is(
            "https://www.pypi.org/user/brynmor-council",
            "profile brynmor-council",
            "https://pypi.org/user/brynmor-council",
        ),
        Is("pypi.org/org/brynmor", "profile brynmor", "https://pypi.org/user/brynmor"),
    ),
    refused=(Not("https://pypi.org/project/register/", "a package"), Not("https://pypi.org/search/?q=x", "a search")),
)
_NPM = one_name(
    "npm",
    "npm",
    "www.npmjs.com/~{name}",
    shape=Name(re.compile(r"~?([A-Za-z0-9_][A-Za-z0-9_.\-]{0,62})"), "letters, digits, dashes and dots"),
    first=(Form("package/**", post="a package"), Form("org/{name}/**", "profile")),
    reserved="package org settings products advisories",
    examples=(
        Is("https://www.npmjs.com/~Brynmor", "profile brynmor", "https://www.npmjs.com/~Brynmor"),
        Is("https://www.npmjs.com/org/brynmor", "profile brynmor", "https://www.npmjs.com/~brynmor"),
        Is("npmjs.com/~brynmor-council", "profile brynmor-council", "https://www.npmjs.com/~brynmor-council"),
    ),
    refused=(
        Not("https://www.npmjs.com/package/register", "a package"),
        Not("https://docs.npmjs.com/", "some other page"),
    ),
)
_KAGGLE = one_name(
    "kaggle",
    "Kaggle",
    "www.kaggle.com/{name}",
    below="a page",
    first=(
        Form("competitions|datasets|code|models|learn|c|discussions/**", post="a data set or a competition"),
        Form("organizations/{name}/**", "profile"),
        Form("{name}/competitions|datasets|code|discussion|followers|activity|models|notebooks", "profile"),
    ),
    reserved="competitions datasets code models learn c discussions organizations rankings work host docs benchmarks",
    icon=False,
    examples=(
        Is("https://www.kaggle.com/BrynmorCouncil", "profile brynmorcouncil", "https://www.kaggle.com/BrynmorCouncil"),
        Is("https://www.kaggle.com/organizations/brynmor", "profile brynmor", "https://www.kaggle.com/brynmor"),
        Is("kaggle.com/brynmorcouncil/datasets", "profile brynmorcouncil", "https://www.kaggle.com/brynmorcouncil"),
    ),
    refused=(
        Not("https://www.kaggle.com/datasets/brynmor/books", "a data set or a competition"),
        Not("https://www.kaggle.com/brynmorcouncil/books", "a page", "profile brynmorcouncil"),
    ),
)
_HUGGING_FACE = one_name(
    "huggingface",
    "Hugging Face",
    "huggingface.co/{name}",
    below="a model",
    first=(
        Form("datasets|spaces|models|papers|collections|posts/**", post="a model or a data set"),
        Form("{name}/models|datasets|spaces|collections|activity|posts/**", "profile"),
        Form("organizations/{name}/**", "profile"),
    ),
    reserved="datasets spaces models papers collections posts docs tasks chat inference-endpoints organizations new",
    icon=False,
    examples=(
        Is("https://huggingface.co/BrynmorCouncil", "profile brynmorcouncil", "https://huggingface.co/BrynmorCouncil"),
        Is(
            "https://huggingface.co/brynmorcouncil/datasets",
            "profile brynmorcouncil",
            "https://huggingface.co/brynmorcouncil",
        ),
        Is("huggingface.co/brynmor-council", "profile brynmor-council", "https://huggingface.co/brynmor-council"),
    ),
    refused=(
        Not("https://huggingface.co/brynmor/books", "a model", "profile brynmor"),
        Not("https://huggingface.co/datasets/brynmor/books", "a model or a data set"),
    ),
)
_CODEPEN = one_name(
    "codepen",
    "CodePen",
    "codepen.io/{name}",
    icon=False,
    first=(
        Form("{name}/pen|full|details|debug|post/*/**", "profile", post="a piece of code"),
        Form("team/{name}/**", "profile"),
        Form("pen|embed|challenges/**", post="a piece of code"),
    ),
    reserved="pen embed challenges team accounts trending spark features",
    examples=(
        Is("https://codepen.io/BrynmorCouncil", "profile brynmorcouncil", "https://codepen.io/BrynmorCouncil"),
        Is(
            "https://codepen.io/brynmorcouncil/pens/public",
            "profile brynmorcouncil",
            "https://codepen.io/brynmorcouncil",
        ),
        Is("codepen.io/team/brynmor", "profile brynmor", "https://codepen.io/brynmor"),
    ),
    refused=(
        Not("https://codepen.io/brynmorcouncil/pen/AbCdEf", "a piece of code", "profile brynmorcouncil"),
        Not("https://codepen.io/trending", "a search"),
    ),
)
_REPLIT = one_name(
    "replit",
    "Replit",
    "replit.com/@{name}",
    shown="@{name}",
    below="a program",
    hosts=("repl.it",),
    examples=(
        Is("https://replit.com/@BrynmorCouncil", "profile brynmorcouncil", "https://replit.com/@BrynmorCouncil"),
        Is("https://repl.it/@brynmorcouncil", "profile brynmorcouncil", "https://replit.com/@brynmorcouncil"),
        Is("replit.com/@brynmor_council?tab=x", "profile brynmor_council", "https://replit.com/@brynmor_council"),
    ),
    refused=(
        Not("https://replit.com/@brynmor/register", "a program", "profile brynmor"),
        Not("https://replit.com/pricing", "some other page"),
    ),
)

CODE_RULES = (
    _GITHUB, _GITLAB, _CODEBERG, _FORGE, _BITBUCKET, _DOCKER, _PYPI, _NPM, _KAGGLE, _HUGGING_FACE, _CODEPEN, _REPLIT,
)  # fmt: skip
