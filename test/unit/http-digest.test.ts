/**
 * Goal: a camera that asks who asks is answered as RFC 7616 has it, whatever its realm and the password
 * hold. Method: the RFCs' own examples, and challenges as they may be written.
 */
import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { digestAnswer, readChallenges } from "../../edge/devices/wires/http-digest.ts";

const responseIn = (answer: string | null): string | undefined =>
  /response="(\w+)"/.exec(answer ?? "")?.[1];

describe("the examples of the RFCs", () => {
  const header =
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", ' +
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const asker = {
    name: "Mufasa",
    password: "Circle of Life",
    method: "GET",
    uri: "/dir/index.html",
    clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  const [sha256, md5] = readChallenges(header);

  test("RFC 7616 3.9.1, by both algorithms, of which the better one is taken", () => {
    const better = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    expect(responseIn(digestAnswer([sha256!], asker))).toBe(better);
    expect(responseIn(digestAnswer([md5!], asker))).toBe("8ca523f5e9506fed4657c9700eebdbec");
    expect(responseIn(digestAnswer([md5!, sha256!], asker))).toBe(better);
  });

  test("RFC 7616 3.9.2, a name beyond ASCII that travels as its hash, by erratum 4897", () => {
    const challenges = readChallenges(
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
    );
    const answer = digestAnswer(challenges, {
      ...asker,
      name: "Jäsøn Doe",
      password: "Secret, or not?",
      uri: "/doe.json",
      clientNonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    });
    expect(answer).toContain(
      'username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"',
    );
    expect(answer).toMatch(/, userhash=true$/);
    expect(responseIn(answer)).toBe(
      "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    );
  });

  test("RFC 2617 3.5, without an algorithm", () => {
    const challenges = readChallenges(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const answer = digestAnswer(challenges, {
      ...asker,
      password: "Circle Of Life",
      clientNonce: "0a4f113b",
    });
    expect(responseIn(answer)).toBe("6629fae49393a05397450978507c4ef1");
    expect(answer).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
    expect(answer).not.toContain("algorithm");
  });
});

const asker = { name: "a", password: "b", method: "GET", uri: "/still", clientNonce: "c" };

describe("challenges", () => {
  test("of several schemes in one header are told apart, whichever comes first", () => {
    const digest = 'Digest realm="x", nonce="n", qop="auth"';
    for (const header of [`Basic realm="x", ${digest}`, `${digest}, Basic realm="x"`]) {
      const schemes = readChallenges(header).map(({ scheme }) => scheme);
      expect(schemes.toSorted()).toEqual(["basic", "digest"]);
      expect(responseIn(digestAnswer(readChallenges(header), asker))).toHaveLength(32);
    }
  });

  test("hold commas and quotes in their values", () => {
    const [challenge] = readChallenges(
      String.raw`Digest realm="Cam (2, \"east\")", nonce=abc, qop=auth`,
    );
    expect([...(challenge?.params ?? [])]).toEqual([
      ["realm", 'Cam (2, "east")'],
      ["nonce", "abc"],
      ["qop", "auth"],
    ]);
    expect(digestAnswer([challenge!], asker)).toContain(String.raw`realm="Cam (2, \"east\")"`);
  });

  test.each([
    ["", []],
    ["Negotiate", ["negotiate"]],
    ["NTLM, Negotiate", ["ntlm", "negotiate"]],
    ["=,", []],
  ])("%j", (header, schemes) => {
    expect(readChallenges(header).map(({ scheme }) => scheme)).toEqual(schemes);
  });
});

test("a password counts with all its characters, colons among them", () => {
  const challenges = readChallenges('Digest realm="x", nonce="n", qop="auth"');
  const responses = ["se:cret", "se", "se:other"].map((password) =>
    responseIn(digestAnswer(challenges, { ...asker, password })),
  );
  expect(new Set(responses).size).toBe(3);
});

describe("a name beyond ASCII", () => {
  const named = { ...asker, name: "摄像 (é'*)" };
  const of = (more: string): string => {
    const challenges = readChallenges(`Digest realm="x", nonce="n", qop="auth"${more}`);
    return digestAnswer(challenges, named) ?? "";
  };

  test("goes as the RFC has it to whoever says that it knows UTF-8", () => {
    expect(of(", charset=UTF-8")).toContain(
      "Digest username*=UTF-8''%E6%91%84%E5%83%8F%20%28%C3%A9%27%2A%29, realm",
    );
  });

  test("goes as its bytes to whoever does not, and counts as these", () => {
    const bytes = Buffer.from(named.name, "utf8").toString("latin1");
    expect(of("")).toContain(`Digest username="${bytes}", realm`);
    expect(responseIn(of(""))).toBe(responseIn(of(", charset=UTF-8")));
  });

  test("is not told where its hash is wanted", () => {
    expect(of(", charset=UTF-8, userhash=true")).toMatch(/^Digest username="[0-9a-f]{32}", realm/);
    expect(of(", userhash=false")).not.toContain("userhash");
  });
});

test("a realm beyond ASCII counts, and is given back, byte by byte", () => {
  const byte = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
  const answer = digestAnswer(
    readChallenges(
      `Digest realm="${byte('门口 "1"')}", nonce="n"`.replaceAll('"1"', String.raw`\"1\"`),
    ),
    asker,
  );
  const md5 = (text: string): string => hash("md5", text, "hex");
  expect(answer).toContain(String.raw`realm="${byte("门口")} \"1\""`);
  expect(responseIn(answer)).toBe(md5(`${md5('a:门口 "1":b')}:n:${md5("GET:/still")}`));
});

test("without qop the answer is that of RFC 2069, and a session's key has both nonces", () => {
  const plain = digestAnswer(readChallenges('Digest realm="x", nonce="n"'), asker);
  expect(plain).not.toMatch(/qop|nc=|cnonce/);
  const ofSession = digestAnswer(
    readChallenges('Digest realm="x", nonce="n", qop="auth", algorithm=MD5-sess'),
    asker,
  );
  const ofNone = digestAnswer(readChallenges('Digest realm="x", nonce="n", qop="auth"'), asker);
  expect(responseIn(ofSession)).not.toBe(responseIn(ofNone));
});

test.each([
  ["whose body is to be hashed as well", 'Digest realm="x", nonce="n", qop="auth-int"'],
  ["by an algorithm that is not known", 'Digest realm="x", nonce="n", algorithm=SHA-1'],
  ["without a nonce", 'Digest realm="x"'],
  ["of another scheme", 'Basic realm="x"'],
])("a challenge %s is not answered", (_name, header) => {
  expect(digestAnswer(readChallenges(header), asker)).toBeNull();
});
