// When a person is needed: the customer asks for one, a phrase calls for one, or the agent is at a loss.

import type { Handoff } from '../../shared/agent.ts'
import type { DueHandover } from './model.ts'
import { brief, clausesOf, plain, says } from './text.ts'

/**
 * How people ask for a person, in one language. «Speak TO a PERSON», «a PERSON WITH whom to speak»:
 * a verb and a person tied by a link; or «I WANT a PERSON» with nothing but fillers between.
 */
interface Manner {
  readonly verbs: string
  readonly links: string
  readonly persons: string
  readonly wants: string
  /** Wanted without a verb of speaking: no word here that is also a trade or a ticket. */
  readonly wanted: string
  readonly fillers: string
  readonly not: string
  /** The whole of what was said. */
  readonly whole: readonly string[]
}

const manners: readonly Manner[] = [
  {
    verbs: 'speak talk chat connect transfer put pass hand escalate redirect forward switch',
    links: 'to with',
    persons:
      'human humans person people operator agent representative rep advisor adviser colleague manager supervisor someone somebody staff employee',
    wants: 'want need prefer get give',
    wanted: 'human person operator representative supervisor rep',
    fillers:
      'a an the to me us this it some any one real live actual another human directly now just please over through back straight right rather',
    not: 'dont not never no without cannot wont',
    whole: [
      'human',
      'operator',
      'representative',
      'agent',
      'real person',
      'live agent',
      'human agent',
      'live chat',
      'live person',
      'customer service',
      'a human',
      'a person',
      'real human',
    ],
  },
  {
    verbs:
      'falar conversar contactar contatar transferir transfira transfere passar passe passa ligar encaminhar',
    links: 'com para a',
    persons:
      'pessoa humano humana atendente operador operadora alguem agente responsavel gerente funcionario funcionaria colega colaborador assistente',
    wants: 'quero preciso queria gostaria prefiro',
    wanted: 'pessoa humano humana atendente operador operadora',
    fillers: 'um uma o de do da me algum alguma ser real verdadeira outro outra por favor ja agora',
    not: 'nao nunca sem',
    whole: [
      'atendimento humano',
      'atendente',
      'humano',
      'operador',
      'pessoa real',
      'atendente humano',
      'pessoa',
    ],
  },
  {
    verbs:
      'hablar conversar comunicarme comunicar comunicame comuniqueme contactar pasar pasame paseme transferir transfierame transfiereme conectarme conectame conecteme platicar chatear',
    links: 'con a',
    persons:
      'persona humano humana agente operador operadora asesor asesora representante alguien encargado encargada gerente supervisor ejecutivo companero',
    wants: 'quiero necesito prefiero quisiera',
    wanted: 'persona humano humana operador operadora asesor asesora agente representante',
    fillers: 'un una el la los algun alguna ser real de verdad otro otra por favor ya ahora',
    not: 'no nunca sin',
    whole: [
      'atencion humana',
      'agente humano',
      'operador',
      'humano',
      'asesor',
      'agente',
      'persona real',
      'persona',
      'operadora',
    ],
  },
  {
    verbs:
      'sprechen reden chatten verbinden verbunden verbinde weiterleiten unterhalten telefonieren weitergeben',
    links: 'mit an zu',
    persons:
      'mensch menschen person mitarbeiter mitarbeiterin mitarbeitern berater beraterin kollege kollegen kollegin operator jemand jemandem jemanden sachbearbeiter kundenberater',
    wants: 'will mochte brauche hatte',
    wanted: 'mensch menschen mitarbeiter mitarbeiterin berater beraterin',
    fillers:
      'ein eine einen einem einer echten echte echter richtigen richtiger menschlichen menschlicher lebenden gern gerne bitte mich sie direkt der dem den',
    not: 'nicht kein keinen keinem keine ohne nie',
    whole: [
      'mensch',
      'mitarbeiter',
      'echter mensch',
      'menschlicher mitarbeiter',
      'berater',
      'einen menschen',
    ],
  },
  {
    verbs:
      'parler discuter echanger passez passer passe mettez transferez transferer connecter connectez joindre',
    links: 'a avec au',
    persons:
      'humain humaine personne conseiller conseillere agent operateur operatrice quelquun responsable collegue employe',
    wants: 'veux voudrais souhaite prefere',
    wanted: 'humain conseiller conseillere operateur operatrice agent',
    fillers: 'un une dun le la l moi de vrai vraie autre svp etre directement',
    not: 'pas jamais sans',
    whole: [
      'conseiller',
      'humain',
      'un humain',
      'agent humain',
      'operateur',
      'un conseiller',
      'une vraie personne',
    ],
  },
  {
    verbs: 'parlare chattare passami passatemi mettermi trasferiscimi',
    links: 'con a',
    persons: 'operatore operatrice persona umano qualcuno addetto consulente responsabile',
    wants: 'voglio vorrei preferisco',
    wanted: 'operatore operatrice umano persona',
    fillers: 'un una lo la vero vera altro essere',
    not: 'non mai senza',
    whole: ['operatore', 'operatore umano', 'umano', 'persona reale'],
  },
  {
    verbs: 'spreken praten chatten doorverbinden verbinden',
    links: 'met',
    persons: 'mens persoon medewerker iemand collega',
    wants: 'wil',
    wanted: 'mens medewerker persoon',
    fillers: 'een de echt echte graag',
    not: 'niet geen nooit zonder',
    whole: ['medewerker', 'mens', 'echt persoon'],
  },
  {
    verbs: 'rozmawiać porozmawiać pogadać połączyć połącz',
    links: 'z ze',
    persons: 'człowiekiem konsultantem konsultantką pracownikiem operatorem kimś osobą',
    wants: 'chcę potrzebuję poproszę',
    wanted: 'człowieka konsultanta operatora pracownika',
    fillers: 'mnie żywym żywego prawdziwym',
    not: 'nie bez',
    whole: ['konsultant', 'człowiek', 'operator'],
  },
  {
    verbs:
      'поговорить говорить пообщаться соедините соединить связать свяжите переключите переведите поговорити зєднайте звяжіть переключіть',
    links: 'с со на з із зі',
    persons:
      'оператором оператора человеком человека специалистом менеджером менеджера сотрудником людиною людину менеджера спеціалістом',
    wants: 'позовите позови хочу нужен нужна дайте покличте потрібен потрібна',
    wanted: 'оператора оператор человека человек менеджера менеджер людину людина',
    fillers: 'меня мне мене мені живого живой живым жива живу реальным',
    not: 'не без',
    whole: ['оператор', 'человек', 'живой человек', 'людина'],
  },
]

/** In scripts without spaces: said anywhere. */
const anywhere =
  /转人工|人工客服|人工服务|轉人工|真人客服|真人客服|オペレーターと|担当者と話|人間と話|상담원|คุยกับเจ้าหน้าที่/u

/** «My manager», «to you about an agent»: another person than one of ours. */
const elsewhere = new Set(
  'my our his her their about meu minha mi mein meinem meinen mon ma il mio moim'.split(' '),
)
const openers = new Set('and or but so then just ok okay hi hello a an the'.split(' '))
const polite = new Set(
  'please pls plz por favor bitte svp merci thanks per favore alstublieft prosze'.split(' '),
)

const rules = manners.map((manner) => ({
  verbs: setOf(manner.verbs),
  links: setOf(manner.links),
  persons: setOf(manner.persons),
  wants: setOf(manner.wants),
  wanted: setOf(manner.wanted),
  fillers: setOf(manner.fillers),
  not: setOf(manner.not),
  whole: new Set(manner.whole.map(plain)),
}))
type Rule = (typeof rules)[number]

/** Whether a customer's words ask for a person. «Are you a person?» and «my manager» do not. */
export function asksForPerson(text: string, phrases: readonly string[] = []): boolean {
  if (phrases.some((phrase) => says(text, phrase))) return true
  if (anywhere.test(text)) return true
  return clausesOf(text).some((clause) => {
    const words = clause
      .join(' ')
      .replace(/\b(would|id) like\b/g, 'want')
      .split(' ')
    return rules.some((rule) => asks(words, rule))
  })
}

function asks(words: readonly string[], rule: Rule): boolean {
  const spoken = words.filter((word) => !polite.has(word))
  const said = spoken.slice(spoken.findIndex((word) => !openers.has(word))).join(' ')
  if (rule.whole.has(said)) return true
  return words.some((word, at) => {
    if (rule.wants.has(word) && !isDenied(words, at, rule)) {
      const next = words.findIndex((one, place) => place > at && !rule.fillers.has(one))
      const person = words.findIndex((one, place) => place > at && rule.wanted.has(one))
      if (person !== -1 && (person === next || person < next || next === -1)) return true
    }
    return rule.links.has(word) && isTied(words, at, rule)
  })
}

/** Whether the link at a place ties a person to a verb: before it, or after the person. */
function isTied(words: readonly string[], link: number, rule: Rule): boolean {
  const near = words.slice(link + 1, link + 5)
  const distance = near.findIndex((word) => rule.persons.has(word))
  if (distance === -1) return false
  if (near.slice(0, distance).some((word) => elsewhere.has(word))) return false

  for (let at = link - 1; at >= 0 && at >= link - 5; at -= 1) {
    const word = words[at] ?? ''
    if (rule.verbs.has(word)) return !isDenied(words, at, rule)
    if (!rule.fillers.has(word)) break
  }
  const person = link + 1 + distance
  const verb = words.findIndex(
    (word, at) => at > person && at <= person + 4 && rule.verbs.has(word),
  )
  return verb !== -1 && !isDenied(words, verb, rule)
}

function isDenied(words: readonly string[], at: number, rule: Rule): boolean {
  return words.slice(Math.max(0, at - 4), at).some((word) => rule.not.has(word))
}

/** The phrase that hands over by itself, if the customer said one. */
export function triggerIn(text: string, triggers: readonly string[]): string | undefined {
  return triggers.find((trigger) => says(text, trigger))
}

/** Whether this session must go to a person whatever the model says, and why. */
export function dueHandover(handoff: Handoff, said: readonly string[]): DueHandover | undefined {
  if (!handoff.allowed) return undefined
  if (said.some((text) => asksForPerson(text, handoff.phrases))) {
    return { cause: 'customer', reason: 'The customer asked for a person' }
  }
  for (const text of said) {
    const trigger = triggerIn(text, handoff.triggers)
    if (trigger) return { cause: 'auto', reason: `The customer said «${brief(trigger, 120)}»` }
  }
  return undefined
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').map(plain))
}
