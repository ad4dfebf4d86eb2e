/**
 * Words in front of or behind a noun that leave the goods what they are: for whom, which season,
 * which colour, how many, how they are advertised.
 */
const sayingNothing =
  /女士|男士|女式|男式|女款|男款|儿童|成人|新款|爆款|热卖|正品|现货|包邮|秋冬|春夏|春秋|时尚|加厚|加绒|(?:黄金|[黑白红黄蓝绿灰粉紫棕橙米金银彩])色|[0-9一二两三四五六七八九十]+(?:[双件个只条盒包瓶套片支袋对枚张块台]|pcs|pairs?|packs?)装?|(?<![a-z])(?:men|women|mens|womens|kids|new|hot|pcs|pairs?)(?![a-z])/gu;

/**
 * Words that make other goods of a noun beside them: what is precious, what is of protected animals
 * and plants, what is forbidden, and what only looks like something.
 */
const turningWords: readonly RegExp[] = [
  // The mark of a purity says gold where no word does: 18K, Au750.
  /金(?!属)|gold|(?<![a-z0-9])(?:[89]|1[0-9]|2[0-4])(?:k(?!g)|kt|ct)(?![a-z])|(?<![a-z])au ?\d{3}/,
  /银|silver|(?<![a-z0-9])(?:(?:s|ag) ?)?925(?![\dgm])/,
  /铂|platinum|(?<![a-z])(?:pt|pd) ?\d{3}/,
  /钻|diamond/,
  /玉|翡翠|jade/,
  /珍珠|pearl/,
  /象牙|ivory/,
  /犀|rhino/,
  /玳瑁|tortoiseshell/,
  /珊瑚|coral/,
  /砗磲|tridacna|giant clam/,
  /红木|花梨|紫檀|rosewood/,
  /鳄|蟒|crocodile|alligator|python/,
  /貂|狐|藏羚|shahtoosh|(?<![a-z])(?:mink|fox)(?![a-z])/,
  /虎骨|麝香|熊胆|穿山甲|tiger bone|musk|pangolin/,
  /大麻|cannabis|(?<![a-z])(?:hemp|cbd)(?![a-z])/,
  /古董|文物|antique/,
  /玩具|toy/,
  /仿|假|fake|replica|imitation/,
  /模型|model/,
  /电子|electronic|(?<![a-z])e cig/,
  /配件|零件|parts?\b|accessor/,
];

const devices =
  "电视|相机|摄像|摄影|投影|显示|屏|视频|影碟|机顶盒|手机|电脑|平板|tv|camera|camcorder|video|monitor|display|projector|screen|hdmi|drone|phone|tablet|laptop";

/**
 * Words of `turningWords` that are something else here: a fabric, a drink, a fruit, a colour, a
 * number of pieces, a device's resolution.
 */
const onlySounding = new RegExp(
  "珊瑚绒|珍珠奶茶|珍珠棉|麝香葡萄|玉米|红木[色纹]|珊瑚色|珍珠白|" +
    "(?<![a-z])(?:coral (?:fleece|velvet)|pearl(?:y|escent)? white|pearlescent)(?![a-z])|" +
    "(?<![a-z0-9])[0-9]{1,4} ?ct(?![a-z])|" +
    `(?<![a-z0-9])8k(?![a-z])(?=.*(?:${devices}))|(?<=(?:${devices}).*(?<![a-z0-9]))8k(?![a-z])`,
  "gu",
);

/** Of what is worn or coined no such word is only a colour or a number. */
const preciousNouns =
  /戒|链|镯|耳[环钉坠]|吊坠|项坠|手串|首饰|饰品|胸针|发簪|手表|腕表|硬币|金币|(?<![a-z])(?:(?:ear|finger)?rings?|necklaces?|chains?|bracelets?|bangles?|pendants?|brooch|beads?|jewel|coins?|watch|wristwatch)/;

/** Nouns that name nothing by themselves, in their `singular`. */
const hollowNouns: ReadonlySet<string> = new Set([
  ..."制品,用品,产品,商品,样品,物品,货物,礼品,配件,零件,其他,套装".split(","),
  ..."good,product,item,gift,sample,accessorie,accessory,part,set,other,thing".split(","),
]);

/** Between two things in one name. */
const joint = /[+&、]|[和与及]|(?<![a-z])(?:and|plus)(?![a-z])/u;

/** Behind these, English tells what something is for, of or in: the noun stands before. */
const preposition = /(?<![a-z])(?:for|with|without|of|in|from|by)(?![a-z])/u;

/** A name as what is compared of it. */
export interface NameSigns {
  /** The whole name, in one spelling. */
  readonly plain: string;
  /** Pairs of neighbouring Han characters, and other words. */
  readonly signs: ReadonlySet<string>;
  /** The sign at its end, where Chinese and English both have the noun. Null without any sign. */
  readonly head: string | null;
  readonly hasHan: boolean;
  readonly hasJoint: boolean;
  /** Which of `turningWords` it has. */
  readonly turnedBy: string;
}

interface Token {
  readonly text: string;
  readonly isHan: boolean;
  /** A blank is before it, or nothing. */
  readonly isFirst: boolean;
}

const han = /\p{Script=Han}/u;

const tokensOf = (text: string): readonly Token[] =>
  text.split(" ").flatMap((chunk) =>
    (chunk.match(/\p{Script=Han}|[^\p{Script=Han}]+/gu) ?? []).map((token, index) => ({
      text: token,
      isHan: han.test(token),
      isFirst: index === 0,
    })),
  );

/** At the end of a name: a size, a model's number, an abbreviation. */
const isModelNumber = ({ text, isHan, isFirst }: Token): boolean =>
  !isHan && (/\d/.test(text) || (isFirst && text.length <= 2));

function withoutModelNumbers(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.findLastIndex((token) => !isModelNumber(token));
  return last < 0 ? tokens : tokens.slice(0, last + 1);
}

/** One word for one and for many, where the many only add an s. */
const singular = (word: string): string =>
  word.length >= 5 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;

function signsOfTokens(tokens: readonly Token[]): readonly string[] {
  const signs: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const before = token.isFirst ? undefined : tokens[index - 1];
    const isAlone = next === undefined || next.isFirst;
    if (token.isHan && before !== undefined) signs.push(before.text + token.text);
    else if (!token.isHan) {
      // Letters that run into a Han character, as in "T恤", are told together with it.
      if (isAlone || token.text.length > 2) signs.push(singular(token.text));
    } else if (isAlone) signs.push(token.text);
  }
  return signs;
}

export function nameSignsOf(name: string): NameSigns {
  const written = name.normalize("NFKC").toLowerCase();
  const spaced = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
  const plain = spaced(written);
  const hasHan = han.test(plain);
  const bare = spaced(plain.replaceAll(sayingNothing, " "));
  const told = bare === "" ? plain : bare;
  const heard = preciousNouns.test(bare) ? bare : bare.replaceAll(onlySounding, " ");
  const noun = hasHan ? told : spaced(told.split(preposition)[0] ?? "");
  const signs = signsOfTokens(withoutModelNumbers(tokensOf(noun)));
  return {
    plain,
    signs: new Set(signs),
    head: signs.at(-1) ?? null,
    hasHan,
    hasJoint: joint.test(written),
    turnedBy: turningWords.flatMap((word, index) => (word.test(heard) ? index : [])).join(),
  };
}

/** Share of the shorter name's signs that the other has as well. */
const sharedMin = 0.75;

/**
 * Whether two names are of the same goods, as far as names tell: sellers write more than customs'
 * names have, so one may be longer. They end in the same noun; of the shorter one nearly nothing
 * stands alone; no word on one side only makes other goods of the noun. Null when they are in
 * different scripts, which nobody can compare sign by sign.
 */
export function isSameName(a: NameSigns, b: NameSigns): boolean | null {
  if (a.plain === "" || b.plain === "" || a.hasHan !== b.hasHan) return null;
  if (a.plain === b.plain) return true;
  const shorter = a.signs.size <= b.signs.size ? a.signs : b.signs;
  if (a.head === null || a.head !== b.head) return false;
  if (a.turnedBy !== b.turnedBy || a.hasJoint !== b.hasJoint) return false;
  if (shorter.size === 1 && hollowNouns.has(a.head) && a.signs.size !== b.signs.size) return false;
  const shared = [...shorter].filter((sign) => a.signs.has(sign) && b.signs.has(sign));
  return shared.length / shorter.size >= sharedMin;
}
