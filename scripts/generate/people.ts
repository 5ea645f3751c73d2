// People who are not there: names in many scripts, addresses, values. The same seed gives the same.

const given = {
  latin:
    'Dana Mira José Zoë Søren Łukasz Anaïs Björn Chloé Émile Íñigo Jürgen Marta Noor Olga Pablo Quinn Rosa Tomás Ulf',
  vietnamese: 'Ánh Bình Cường Dũng Hương Khánh Linh Minh Ngọc Phương Quỳnh Thảo',
  cyrillic: 'Ольга Иван Алёна Дмитрий Наталья Юрий Ксения Фёдор Марія Їван',
  greek: 'Οδυσσέας Ελένη Γιώργος Νίκος Αθηνά Σοφία',
  arabic: 'محمد فاطمة ليلى أحمد يوسف مريم',
  hebrew: 'נועה דוד יעל אורי תמר',
  chinese: '伟 芳 秀英 敏 静 丽 强 磊 洋 艳',
  japanese: '陽翔 結衣 蓮 葵 湊 凛',
  korean: '민준 서연 지우 하은 도윤 수아',
  thai: 'สมชาย สมหญิง มานี ปิติ',
  hindi: 'आरव अनन्या विवान दीया अर्जुन',
}
const family = {
  latin:
    'Whitfield Müller García O’Brien Østergaard Kowalski Dubois Nguyen Rossi Silva Novák Ek Smith Jansen Öztürk Popescu Ferreira Lindqvist Weiß Costa',
  vietnamese: 'Nguyễn Trần Lê Phạm Hoàng Huỳnh Vũ Đặng',
  cyrillic: 'Иванова Петров Сидоренко Ковальчук Смирнова Кузнецов',
  greek: 'Παπαδόπουλος Νικολάου Γεωργίου Δημητρίου',
  arabic: 'الخطيب حداد النجار العلي',
  hebrew: 'כהן לוי מזרחי פרץ',
  chinese: '张 王 李 赵 陈 杨 黄 周 吴 徐',
  japanese: '佐藤 鈴木 高橋 田中 渡辺',
  korean: '김 이 박 최 정',
  thai: 'ใจดี รักไทย สุขสันต์',
  hindi: 'शर्मा वर्मा सिंह गुप्ता',
}
type Script = keyof typeof given
const listed = <Key extends string>(texts: Readonly<Record<Key, string>>) =>
  // Safe: the keys are those of the texts.
  Object.fromEntries(
    Object.entries<string>(texts).map(([key, text]) => [key, text.split(' ')]),
  ) as Record<Key, string[]>
const givenNames = listed(given)
const familyNames = listed(family)
const scripts: readonly Script[] = [
  ...Array.from({ length: 12 }, () => 'latin' as const),
  ...(Object.keys(given) as Script[]),
]
const cities =
  'Lisbon Zürich São‑Paulo Kraków Hà‑Nội 東京 Αθήνα Москва Chicago Odense Reykjavík 서울'.split(' ')
const plans = ['free', 'basic', 'pro', 'enterprise']
const spread = [60, 28, 11, 1]

/** Numbers between 0 and 1, by chance but the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly anonymous: boolean
  readonly createdAt: number
  readonly spokenAt: number | null
  readonly addresses: readonly { readonly kind: string; readonly value: string }[]
  readonly values: readonly {
    readonly field: string
    readonly value: string
    readonly num: number | null
  }[]
  readonly sessions: readonly {
    readonly id: string
    readonly channel: string
    readonly at: number
    readonly open: boolean
  }[]
}

/** The custom fields these people have values of. */
export const generatedFields = [
  { name: 'city', title: 'City', type: 'text', options: [] },
  { name: 'score', title: 'Score', type: 'number', options: [] },
  { name: 'born', title: 'Born', type: 'date', options: [] },
  { name: 'plan', title: 'Plan', type: 'enum', options: plans },
  { name: 'vip', title: 'VIP', type: 'boolean', options: [] },
] as const

const dayMs = 86_400_000
/** Everything has happened before this: a clock would give other people every time. */
const lastDay = Date.UTC(2027, 0, 1)

/** The n-th of them. */
export function personAt(n: number, seed: number): Person {
  const random = chance(seed * 1_000_003 + n * 7919)
  const upTo = (count: number) => Math.floor(random() * count)
  const pick = <Item>(items: readonly Item[]): Item => items[upTo(items.length)]!
  const idOf = (prefix: string) =>
    `${prefix}_${Array.from({ length: 26 }, () => upTo(36).toString(36)).join('')}`
  const id = idOf('cus')
  const script = pick(scripts)
  const [first, last] = [pick(givenNames[script]), pick(familyNames[script])]
  const eastern = script === 'chinese' || script === 'japanese' || script === 'korean'
  const anonymous = n % 50 === 49
  const name = anonymous
    ? `Visitor ${id.slice(-4)}`
    : eastern
      ? `${last}${first}`
      : `${first} ${last}`
  const createdAt = lastDay - upTo(900 * 24 * 60) * 60_000
  const spokenAt = random() < 0.85 ? createdAt + upTo(lastDay - createdAt + 1) : null
  const local =
    script === 'latin'
      ? `${first}.${last}`
          .normalize('NFKD')
          .replaceAll(/[^a-z.]/gi, '')
          .toLowerCase()
      : `user`
  const digits = String(n).padStart(7, '0')
  const born = new Date(lastDay - (18 * 365 + upTo(50 * 365)) * dayMs).toISOString().slice(0, 10)
  return {
    id,
    name,
    anonymous,
    createdAt,
    spokenAt,
    addresses: anonymous
      ? [{ kind: 'visitor', value: idOf('vis') }]
      : [
          ...(random() < 0.9
            ? [
                {
                  kind: 'email',
                  value: `${local}${n}@${pick(['example.com', 'mail.example', 'northpeak.example'])}`,
                },
              ]
            : []),
          ...(random() < 0.8
            ? [
                {
                  kind: 'phone',
                  value: `+${pick(['1312', '4420', '4670', '3519', '8491'])}${digits}`,
                },
              ]
            : []),
          ...(random() < 0.4 ? [{ kind: 'external', value: `C-${n}` }] : []),
          ...(random() < 0.2 ? [{ kind: 'telegram-username', value: `user_${n}` }] : []),
        ],
    values: anonymous
      ? []
      : [
          { field: 'city', value: pick(cities), num: null },
          ...(random() < 0.7 ? [valueOf('score', upTo(100_001) / 100)] : []),
          { field: 'born', value: born, num: Date.parse(`${born}T00:00:00Z`) },
          { field: 'plan', value: planFor(upTo(100)), num: null },
          ...(random() < 0.1 ? [{ field: 'vip', value: 'true', num: 1 }] : []),
        ],
    sessions:
      spokenAt === null
        ? []
        : Array.from({ length: 1 + Number(random() < 0.15) }, (_, at) => ({
            id: idOf('ses'),
            channel: pick(['web', 'whatsapp', 'whatsapp', 'telegram', 'email']),
            at: spokenAt - at * dayMs,
            open: at === 0 && random() < 0.05,
          })),
  }
}

function valueOf(field: string, num: number) {
  return { field, value: String(num), num }
}

function planFor(percent: number): string {
  let left = percent
  for (const [at, share] of spread.entries()) {
    if (left < share) return plans[at]!
    left -= share
  }
  return plans[0]!
}
