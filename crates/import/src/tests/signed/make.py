"""Makes the signed documents beside it, with Debian's xmlsec1 and the package signxml.

    python3 make.py        # needs openssl, xmlsec1, and pip install signxml

Everybody in them is made up. The keys are thrown away: what is kept are the certificates, and for
each document what is said of it in the test. Documents made again are signed by other keys, so all
are replaced together.
"""

import pathlib
import subprocess
import tempfile

from lxml import etree
from signxml import CanonicalizationMethod, XMLSigner

HERE = pathlib.Path(__file__).parent
KEYS = pathlib.Path(tempfile.mkdtemp())
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_COMMENTS = C14N + "#WithComments"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXC_COMMENTS = EXC + "WithComments"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
SHA1 = DSIG + "sha1"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA384 = MORE + "sha384"
SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
ENVELOPED = DSIG + "enveloped-signature"

# What canonicalisation changes, and what it must not: CDATA, references, comments, attributes in
# another order, namespaces that are used in a part only, blanks, line ends, an empty element.
ELMO = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="elmo.xsl"?>
<!-- before the root -->
<elmo xmlns="https://github.com/emrex-eu/elmo-schemas/tree/v1"
      xmlns:unused="urn:example:unused" xml:lang='en'{root}>
  <generatedDate>2026-11-01T10:00:00+08:00</generatedDate>
  <learner z="1" a="2"><citizenship>CN</citizenship>
    <identifier type="local">2024<!-- a comment -->0007</identifier>
    <givenNames>三</givenNames><familyName>张&#x7532;</familyName></learner>
  <report>
    <issuer><title xml:lang="zh">某大学 &amp; 分校</title></issuer>
    <learningOpportunitySpecification>
      <identifier type="local">CS-101</identifier>
      <title><![CDATA[数据结构 <A&B>]]></title>
      <specifies><learningOpportunityInstance{part}>
        <date>2026-06-30</date><resultLabel>85</resultLabel>
        <credit><scheme>credits</scheme><value>3</value></credit>
      </learningOpportunityInstance></specifies>
    </learningOpportunitySpecification>
    <issueDate>2026-11-01T10:00:00+08:00</issueDate><empty/>
  </report>{signature}
</elmo>
"""
PESC = """<pesc:CollegeTranscript xmlns:pesc="urn:org:pesc:message:CollegeTranscript:v1.6.0">
<Student><Person><SchoolAssignedPersonID>20240008</SchoolAssignedPersonID></Person><AcademicRecord>
<Course><CourseEndDate>2026-06-30</CourseEndDate><OriginalCourseID>CS-101</OriginalCourseID>
<CourseAcademicGrade>85</CourseAcademicGrade></Course></AcademicRecord></Student>{signature}
</pesc:CollegeTranscript>
"""
EWP = """<tors-get-response xmlns="https://github.com/erasmus-without-paper/ewp-specs-api-omobility-tors/blob/stable-v1/endpoints/get-response.xsd">
<tor>{elmo}</tor>{outer}</tors-get-response>
"""


def run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


(KEYS / "ca.cnf").write_text(
    f"[ca]\ndefault_ca=a\n[a]\ndatabase={KEYS}/index\nnew_certs_dir={KEYS}\nserial={KEYS}/serial\n"
    "default_md=sha256\npolicy=p\nunique_subject=no\n"
    "[p]\ncountryName=optional\norganizationName=optional\ncommonName=supplied\n")
(KEYS / "index").write_text("")
(KEYS / "serial").write_text("01")


def key(name, *kind, until="21200101000000Z"):
    """A key and its certificate, which it signed itself; valid from 2020 on."""
    pem = KEYS / f"{name}.key"
    certificate = HERE / f"{name}.pem"
    request = KEYS / f"{name}.csr"
    run("openssl", "req", "-nodes", "-newkey", *kind, "-utf8", "-subj", f"/C=CN/O=某大学/CN={name}",
        "-keyout", pem, "-out", request)
    run("openssl", "ca", "-batch", "-utf8", "-selfsign", "-config", KEYS / "ca.cnf", "-keyfile",
        pem, "-in", request, "-out", certificate, "-notext", "-startdate", "20200101000000Z",
        "-enddate", until)
    return pem, certificate


def transform(uri, inside=""):
    return f'<ds:Transform Algorithm="{uri}">{inside}</ds:Transform>'


def reference(uri="", transforms=None, digest=SHA256):
    if transforms is None:
        transforms = transform(ENVELOPED) + transform(EXC)
    if transforms:
        transforms = f"<ds:Transforms>{transforms}</ds:Transforms>"
    return (f'<ds:Reference URI="{uri}">{transforms}<ds:DigestMethod Algorithm="{digest}"/>'
            "<ds:DigestValue/></ds:Reference>")


X509 = "<ds:X509Data><ds:X509Certificate/></ds:X509Data>"


def signature(method=MORE + "rsa-sha256", c14n=EXC, references=None, key_info=X509, objects="",
              inside=""):
    return (f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{c14n}">{inside}</ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="{method}"/>{references or reference()}'
            f"</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>{key_info}</ds:KeyInfo>{objects}"
            "</ds:Signature>")


def xmlsec(name, text, signer, ids=(), more=()):
    template = KEYS / "template.xml"
    template.write_text(text)
    pem, certificate = signer
    keys = ["--privkey-pem", f"{pem},{certificate}"] if certificate else more
    ids = [word for one in ids for word in ("--id-attr:ID", one)]
    run("xmlsec1", "--sign", *keys, *ids, "--output", HERE / name, template)


def elmo(signature="", root="", part=""):
    return ELMO.format(signature=signature, root=root, part=part)


rsa = key("rsa", "rsa:2048")
p256 = key("p256", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
p384 = key("p384", "ec", "-pkeyopt", "ec_paramgen_curve:P-384")
short = key("short", "rsa:1024")
other = key("other", "rsa:2048")
expired = key("expired", "rsa:2048", until="20250101000000Z")

# What is taken.
xmlsec("exclusive.xml", elmo(signature()), rsa)
for name, c14n in [("inclusive", C14N), ("inclusive-comments", C14N_COMMENTS),
                   ("exclusive-comments", EXC_COMMENTS), ("inclusive11", C14N11)]:
    transforms = transform(ENVELOPED) + transform(c14n)
    xmlsec(f"{name}.xml", elmo(signature(c14n=c14n, references=reference("", transforms))), rsa)
xmlsec("usual.xml", elmo(signature(references=reference("", transform(ENVELOPED)))), rsa)
prefixes = f'<e:InclusiveNamespaces xmlns:e="{EXC}" PrefixList="unused #default"/>'
listed = reference("", transform(ENVELOPED) + transform(EXC, prefixes), SHA384)
xmlsec("prefixes.xml", elmo(signature(references=listed, inside=prefixes)), rsa)
xmlsec("rsa-sha512.xml", elmo(signature(MORE + "rsa-sha512", references=reference(
    digest=SHA512))), rsa)
xmlsec("p256.xml", elmo(signature(MORE + "ecdsa-sha256")), p256)
xmlsec("p384.xml", elmo(signature(MORE + "ecdsa-sha384")), p384)
xmlsec("by-id.xml", elmo(signature(references=reference("#whole")), ' ID="whole"'), rsa,
       ["elmo"])
xmlsec("pesc.xml", PESC.format(signature=signature()), rsa)
xmlsec("ewp.xml", EWP.format(elmo=elmo().split("-->", 1)[1], outer=signature()), rsa)
# Exclusive, for signxml canonicalises SignedInfo before it stands in the document.
signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
root = etree.fromstring(elmo().encode())
signed = signer.sign(root, key=rsa[0].read_bytes(), cert=rsa[1].read_text())
(HERE / "signxml.xml").write_bytes(etree.tostring(signed, encoding="UTF-8"))

# As EMREX hands it on.
packed = subprocess.run("gzip -9 -n | base64", shell=True, check=True, capture_output=True,
                        input=(HERE / "exclusive.xml").read_bytes())
(HERE / "emrex.txt").write_bytes(packed.stdout)

# What is not.
xmlsec("sha1-digest.xml", elmo(signature(references=reference(digest=SHA1))), rsa)
xmlsec("rsa-sha1.xml", elmo(signature(DSIG + "rsa-sha1")), rsa)
(KEYS / "hmac.bin").write_bytes(b"a key that both sides know")
xmlsec("hmac.xml", elmo(signature(MORE + "hmac-sha256", key_info="<ds:KeyName/>")),
       (None, None), more=["--hmackey", KEYS / "hmac.bin"])
xmlsec("short-key.xml", elmo(signature()), short)
xmlsec("expired.xml", elmo(signature()), expired)
xmlsec("unknown.xml", elmo(signature()), other)
# Signed by one key, the certificate of another enclosed.
xmlsec("foreign-certificate.xml", elmo(signature(key_info=(
    "<ds:X509Data><ds:X509Certificate>" + "".join(rsa[1].read_text().split("\n")[1:-2])
    + "</ds:X509Certificate></ds:X509Data>"))), (other[0], other[1]))
xmlsec("key-value.xml", elmo(signature(key_info="<ds:KeyValue/>")), rsa)
xmlsec("part.xml", elmo(signature(references=reference("#part")), part=' ID="part"'), rsa,
       ["learningOpportunityInstance"])
xmlsec("two-references.xml", elmo(signature(references=reference() + reference(
    "#part", transform(EXC))), part=' ID="part"'), rsa, ["learningOpportunityInstance"])
xpath = transform("http://www.w3.org/TR/1999/REC-xpath-19991116",
                  "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>")
xmlsec("xpath.xml", elmo(signature(references=reference("", transform(ENVELOPED) + xpath))), rsa)
xmlsec("inner.xml", EWP.format(elmo=elmo(signature()).split("-->", 1)[1], outer=""), rsa)
xmlsec("detached.xml", elmo(signature(references=reference("#object", transform(EXC)),
       objects='<ds:Object Id="object"><x/></ds:Object>')), rsa)
