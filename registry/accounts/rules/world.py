"""Networks at home in one part of the world, as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, NUMBER, SUBDOMAINS, USUAL, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_WEIBO = Rule(
    slug="weibo",
    name="Weibo",
    also=("sinaweibo",),
    icon=True,
    hosts=("weibo.com", "weibo.cn", "weibo.com.cn"),
    subdomains=words("www m e d us hk tw overseas") | {""},
    kinds={
        "profile": Kind("https://weibo.com/{name}"),
        "id": Kind("https://weibo.com/u/{name}"),
        "nickname": Kind("https://weibo.com/n/{name}"),
    },
    names={
        "id": Name(re.compile(r"[0-9]{5,12}"), "5 to 12 digits", stable="whole"),
        "name": Name(re.compile(r"(?=[0-9]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_\-]{1,39}"), "letters, digits and dashes"),
        "nickname": Name(re.compile(r"[A-Za-z0-9_\-\u00b7-\U0010ffff]{1,40}"), "letters, digits and dashes"),
    },
    forms=(
        Form("status|detail|tv|ttarticle|article|a|video/**", post="a post"),
        Form("p|k|search|hot|topic/**", post="a page"),
        Form("u|profile/{id}/**", "id"),
        Form("n/{nickname}/**", "nickname"),
        Form("{id}", "id"),
        Form("{id}/*/**", "id", post="a post"),
        Form("{name}/profile|home|photos|video|info|follow|fans/**", "profile"),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a post"),
    ),
    reserved=USUAL_PAGES
    | words(
        "status detail tv ttarticle article a p k u n profile ajax at comment newlogin mygroups set message fav like"
        " newsfeed show sorry visitor aj pub gov"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://weibo.com/u/1669879400", "id 1669879400", "https://weibo.com/u/1669879400"),
        Is("https://m.weibo.cn/u/1669879400", "id 1669879400", "https://weibo.com/u/1669879400"),
        Is(
            "https://www.weibo.com/BrynmorCouncil?is_all=1",
            "profile brynmorcouncil",
            "https://weibo.com/BrynmorCouncil",
        ),
        Is(
            "https://weibo.com/n/%E9%B9%BF%E5%85%90%E5%B3%B6",
            "nickname 鹿児島",
            "https://weibo.com/n/%E9%B9%BF%E5%85%90%E5%B3%B6",
        ),
    ),
    refused=(
        Not("https://weibo.com/1669879400/AbCdEfGhI", "a post", "id 1669879400"),
        Not("https://m.weibo.cn/status/4567890123456789", "a post"),
        Not("https://weibo.com/login.php", "not a name"),
        Not("https://s.weibo.com/weibo?q=library", "some other page"),
    ),
)
_VK_POST = re.compile(
    r"(?:wall|photo|video|clip|album|albums|topic|doc|story|audio|audios|podcast|podcasts|product|market|note|page|poll"
    r"|app|write|gim|im|sel|videos|photos|board|docs|stories|reviews|tag)-?[0-9][0-9_]*"
)
_VK = Rule(
    slug="vk",
    name="VK",
    also=("vkontakte", "vkcom", "vkid"),
    icon=True,
    hosts=("vk.com", "vk.ru", "vkontakte.ru"),
    subdomains=words("www m new") | {""},
    prefixes={"vkvideo.ru": "video"},
    kinds={
        "profile": Kind("https://vk.com/{name}"),
        "id": Kind("https://vk.com/id{name}", "id{name}"),
        "group": Kind("https://vk.com/club{name}", "club{name}"),
    },
    names={
        "id": Name(re.compile(r"id([0-9]{1,12})"), "id and digits", stable="whole"),
        "group": Name(re.compile(r"(?:club|public|event)([0-9]{1,12})"), "club and digits"),
        "post": Name(_VK_POST, "a post"),
        "name": Name(
            re.compile(r"(?!(?:id|club|public|event)[0-9]+\Z)[A-Za-z0-9](?:[A-Za-z0-9_.]{0,40}[A-Za-z0-9_])?"),
            "letters, digits, underscores and full stops",
        ),
    },
    forms=(
        Form("(post)/**", post="a post"),
        Form("@{name}", "profile", sure=False),
        Form("video|clips|music|audio|podcasts/@{name}/**", "profile"),
        Form("{id}/**", "id"),
        Form("{group}/**", "group"),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a page"),
    ),
    reserved=USUAL_PAGES
    | words(
        "im mail friends groups docs audio audios apps away.php share.php widget_community.php al_profile.php restore"
        " dev doc video clips music podcasts bookmarks fave market services stickers edit ads id public club event wall"
        " photo games albums video_ext.php write invite gifts"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://vk.com/BrynmorCouncil", "profile brynmorcouncil", "https://vk.com/BrynmorCouncil"),
        Is("https://m.vk.com/id12345678", "id 12345678", "https://vk.com/id12345678"),
        Is("https://vk.com/public12345678", "group 12345678", "https://vk.com/club12345678"),
        Is("vk.com/club12345678?w=wall-12345678_90", "group 12345678", "https://vk.com/club12345678"),
    ),
    refused=(
        Not("https://vk.com/wall-12345678_90", "a post"),
        Not("https://vk.com/video-12345678_456239017", "a post"),
        Not("https://vk.com/search?c[q]=library", "a search"),
        Not("https://vk.cc/AbCdE", "a short link"),
    ),
)
_OK = Rule(
    slug="okru",
    name="OK",
    also=("odnoklassniki", "ok"),
    icon=True,
    hosts=("ok.ru", "odnoklassniki.ru"),
    subdomains=SUBDOMAINS,
    kinds={
        "profile": Kind("https://ok.ru/{name}"),
        "id": Kind("https://ok.ru/profile/{name}"),
        "group": Kind("https://ok.ru/group/{name}"),
    },
    # Groups have numbers of their own: they could be a person's.
    names={"name": USUAL, "id": NUMBER, "group": Name(re.compile(r"[0-9]{1,25}"), "digits only")},
    forms=(
        Form("profile/{id}/statuses|album|video/*/**", "id", post="a post"),
        Form("profile/{id}/**", "id"),
        Form("group/{group}/topic|album|video/*/**", "group", post="a post"),
        Form("group/{group}/**", "group"),
        Form("video|live|music|videoembed/**", post="a video"),
        Form("{name}/topic|album|video/*/**", "profile", post="a post"),
        Form("{name}/**", "profile"),
    ),
    reserved=USUAL_PAGES | words("profile group video live music videoembed groups game games gifts dk feed discovery"),
    bare=((re.compile(r"([0-9]{6,20})"), "profile/{}"), (ANY, "{}")),
    examples=(
        Is("https://ok.ru/BrynmorCouncil", "profile brynmorcouncil", "https://ok.ru/BrynmorCouncil"),
        Is("https://m.ok.ru/profile/123456789012", "id 123456789012", "https://ok.ru/profile/123456789012"),
        Is("https://ok.ru/group/12345678901234", "group 12345678901234", "https://ok.ru/group/12345678901234"),
    ),
    refused=(
        Not("https://ok.ru/video/123456789", "a video"),
        Not("https://ok.ru/group/12345678901234/topic/1", "a post", "group 12345678901234"),
    ),
)
_DOUYIN = one_name(
    "douyin",
    "Douyin",
    "www.douyin.com/user/{name}",
    icon=False,
    shape=Name(re.compile(r"[A-Za-z0-9_.=\-]{2,100}"), "letters, digits, dashes and underscores", fold="exact"),
    first=(Form("video|note|discover|channel|hot/**", post="a video"),),
    examples=(
        Is(
            "https://www.douyin.com/user/MS4wLjABAAAABrynmor",
            "profile MS4wLjABAAAABrynmor",
            "https://www.douyin.com/user/MS4wLjABAAAABrynmor",
        ),
        Is(
            "http://douyin.com/user/BrynmorCouncil/",
            "profile BrynmorCouncil",
            "https://www.douyin.com/user/BrynmorCouncil",
        ),
        Is(
            "https://www.douyin.com/user/MS4wLjABAAAABrynmor?vid=123",
            "profile MS4wLjABAAAABrynmor",
            "https://www.douyin.com/user/MS4wLjABAAAABrynmor",
        ),
    ),
    refused=(
        Not("https://www.douyin.com/video/123456", "a video"),
        Not("https://v.douyin.com/AbC/", "some other page"),
    ),
)
_KUAISHOU = one_name(
    "kuaishou",
    "Kuaishou",
    "www.kuaishou.com/profile/{name}",
    shape=Name(re.compile(r"[A-Za-z0-9_.\-]{2,64}"), "letters, digits, dashes and underscores", fold="exact"),
    first=(Form("short-video|brilliant|new-reco/**", post="a video"),),
    examples=(
        Is(
            "https://www.kuaishou.com/profile/3xbrynmor",
            "profile 3xbrynmor",
            "https://www.kuaishou.com/profile/3xbrynmor",
        ),
        Is(
            "https://live.kuaishou.com/profile/3xbrynmor",
            "profile 3xbrynmor",
            "https://www.kuaishou.com/profile/3xbrynmor",
        ),
        Is(
            "kuaishou.com/profile/BrynmorCouncil",
            "profile BrynmorCouncil",
            "https://www.kuaishou.com/profile/BrynmorCouncil",
        ),
    ),
    subdomains=words("www live") | {""},
    refused=(
        Not("https://www.kuaishou.com/short-video/3xabc", "a video"),
        Not("https://www.kuaishou.com/search/x", "a search"),
    ),
)
_BILIBILI = Rule(
    slug="bilibili",
    name="Bilibili",
    icon=True,
    hosts=("bilibili.com",),
    subdomains=words("www m") | {""},
    prefixes={"space.bilibili.com": "space"},
    kinds={"profile": Kind("https://space.bilibili.com/{name}")},
    names={"id": NUMBER},
    forms=(
        Form("space/{id}/**", "profile"),
        Form("video|bangumi|read|opus|festival/**", post="a video"),
    ),
    reserved=USUAL_PAGES | words("space video bangumi read opus"),
    bare=((ANY, "space/{}"),),
    examples=(
        Is("https://space.bilibili.com/12345678", "profile 12345678", "https://space.bilibili.com/12345678"),
        Is(
            "https://space.bilibili.com/12345678/video?tid=0", "profile 12345678", "https://space.bilibili.com/12345678"
        ),
        Is("https://m.bilibili.com/space/12345678", "profile 12345678", "https://space.bilibili.com/12345678"),
    ),
    refused=(
        Not("https://www.bilibili.com/video/BV1xx411c7mD", "a video"),
        Not("https://live.bilibili.com/123", "some other page"),
    ),
)
_XIAOHONGSHU = one_name(
    "xiaohongshu",
    "Xiaohongshu",
    "www.xiaohongshu.com/user/profile/{name}",
    also=("rednote", "littleredbook"),
    shape=Name(re.compile(r"[0-9A-Fa-f]{20,32}"), "24 hexadecimal digits", stable="whole"),
    first=(Form("explore|discovery|board/**", post="a post"),),
    icon=False,
    examples=(
        Is(
            "https://www.xiaohongshu.com/user/profile/5a1b2c3d4e5f60718293a4b5",
            "profile 5a1b2c3d4e5f60718293a4b5",
            "https://www.xiaohongshu.com/user/profile/5a1b2c3d4e5f60718293a4b5",
        ),
        Is(
            "xiaohongshu.com/user/profile/5a1b2c3d4e5f60718293a4b5?xsec=1",
            "profile 5a1b2c3d4e5f60718293a4b5",
            "https://www.xiaohongshu.com/user/profile/5a1b2c3d4e5f60718293a4b5",
        ),
        Is(
            "https://www.xiaohongshu.com/user/profile/5A1B2C3D4E5F60718293A4B5",
            "profile 5a1b2c3d4e5f60718293a4b5",
            "https://www.xiaohongshu.com/user/profile/5A1B2C3D4E5F60718293A4B5",
        ),
    ),
    refused=(
        Not("https://www.xiaohongshu.com/explore/5a1b2c3d4e5f60718293a4b5", "a post"),
        Not("https://www.xiaohongshu.com/user/profile/nia", "not a name"),
    ),
)
_NAVER = Rule(
    slug="naver",
    name="Naver",
    also=("naverblog",),
    icon=True,
    hosts=("blog.naver.com", "cafe.naver.com", "post.naver.com"),
    subdomains=words("m"),
    prefixes={
        "blog.naver.com": "blog",
        "m.blog.naver.com": "blog",
        "cafe.naver.com": "cafe",
        "m.cafe.naver.com": "cafe",
        "post.naver.com": "post",
        "m.post.naver.com": "post",
    },
    kinds={"blog": Kind("https://blog.naver.com/{name}"), "cafe": Kind("https://cafe.naver.com/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9_\-]{3,40}"), "letters, digits, dashes and underscores")},
    forms=(
        Form("blog/PostView.naver|PostView.nhn|postlist.naver|postlist.nhn|NBlogTop.naver?blogId={name}", "blog"),
        Form("blog/{name}", "blog"),
        Form("blog/{name}/#/**", "blog", post="a post"),
        Form("cafe/{name}", "cafe"),
        Form("cafe/{name}/*/**", "cafe", post="a post"),
    ),
    reserved=words("blog cafe post"),
    bare=((ANY, "blog/{}"),),
    examples=(
        Is("https://blog.naver.com/BrynmorCity", "blog brynmorcity", "https://blog.naver.com/BrynmorCity"),
        Is("https://m.blog.naver.com/brynmorcity?tab=1", "blog brynmorcity", "https://blog.naver.com/brynmorcity"),
        Is("https://cafe.naver.com/brynmorreaders", "cafe brynmorreaders", "https://cafe.naver.com/brynmorreaders"),
    ),
    refused=(
        Not("https://blog.naver.com/brynmorcity/223123456789", "a post", "blog brynmorcity"),
        Not("https://cafe.naver.com/brynmorreaders/123", "a post", "cafe brynmorreaders"),
    ),
)
_KAKAO = one_name(
    "kakaotalk",
    "KakaoTalk Channel",
    "pf.kakao.com/{name}",
    also=("kakao", "kakaochannel", "kakaotalkchannel"),
    shape=Name(re.compile(r"_[A-Za-z0-9]{4,20}"), "an underscore and letters", fold="exact", stable="whole"),
    below="a post",
    first=(Form("{name}/friend|chat|posts", "profile"),),
    examples=(
        Is("https://pf.kakao.com/_xbRynm", "profile _xbRynm", "https://pf.kakao.com/_xbRynm"),
        Is("http://pf.kakao.com/_xbRynm/chat", "profile _xbRynm", "https://pf.kakao.com/_xbRynm"),
        Is("pf.kakao.com/_xbRynm/friend", "profile _xbRynm", "https://pf.kakao.com/_xbRynm"),
    ),
    refused=(
        Not("https://pf.kakao.com/_xbRynm/12345", "a post", "profile _xbRynm"),
        Not("https://pf.kakao.com/brynmor", "not a name"),
    ),
)

WORLD_RULES = (_WEIBO, _VK, _OK, _DOUYIN, _BILIBILI, _XIAOHONGSHU, _KUAISHOU, _NAVER, _KAKAO)
