import cast


def test_smoke(app, client):
    me = cast.library_officer()
    for part in cast.EVERYBODY:
        cast.play(part)
    account = cast.an_account()
    document = cast.a_document(versions=2)
    cast.sign(document, me)
    r = client.as_(me).get("/privacy")
    print(r.status_code, r.text[:3000])
    r = client.get("/nonsense")
    print(r.status_code, r.heading)
    r = client.post("/sign-out")
    print(r.status_code, r.location)
    r = client.get("/")
    print(r.status_code, r.location)
