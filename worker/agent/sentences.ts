// What the agent says of itself, in the languages it can say it in, and how it tells which.

import { wordsOf } from './text.ts'

const english = {
  greeting: 'Hello! How can I help you?',
  fallback: 'I am sorry, I do not know the answer to that. Could you put it another way?',
  handover: 'I am passing you to a colleague. They will answer you here.',
  apology: 'I am sorry, I cannot answer right now. A colleague will continue here.',
  apologyAlone: 'I am sorry, I cannot answer right now. Please try again in a few minutes.',
  noPerson: 'I cannot pass you to a person from here.',
  topics: 'What I can help you with:',
  machine: 'I am an automated assistant: a program that answers by rules, not a person.',
  askForPerson: 'If you would rather talk to a person, just say so.',
  noted: 'Thank you, I have noted that.',
  welcome: 'You are welcome!',
  goodbye: 'Goodbye!',
  file: 'I have received what you sent, but I cannot look into it myself.',
  holding: 'Thank you for your message. I am looking into it and will get back to you.',
}
export type Sentence = keyof typeof english

export const sentences = {
  en: english,
  pt: {
    greeting: 'Olá! Como posso ajudar?',
    fallback: 'Desculpe, não sei responder a isso. Pode dizer de outra forma?',
    handover: 'Vou passar a conversa a um colega, que lhe responde aqui.',
    apology: 'Desculpe, não consigo responder agora. Um colega continua a conversa aqui.',
    apologyAlone: 'Desculpe, não consigo responder agora. Tente de novo dentro de alguns minutos.',
    noPerson: 'Não posso passar a conversa a uma pessoa.',
    topics: 'Posso ajudar com:',
    machine: 'Sou um assistente automático: um programa que responde por regras, não uma pessoa.',
    askForPerson: 'Se preferir falar com uma pessoa, é só dizer.',
    noted: 'Obrigado, tomei nota.',
    welcome: 'De nada!',
    goodbye: 'Até breve!',
    file: 'Recebi o que enviou, mas não consigo ver o conteúdo.',
    holding: 'Obrigado pela sua mensagem. Vou verificar e já lhe respondo.',
  },
  es: {
    greeting: '¡Hola! ¿En qué puedo ayudarle?',
    fallback: 'Lo siento, no sé la respuesta. ¿Puede decirlo de otra manera?',
    handover: 'Le paso con un compañero, que le responderá aquí.',
    apology: 'Lo siento, ahora no puedo responder. Un compañero continuará aquí.',
    apologyAlone: 'Lo siento, ahora no puedo responder. Inténtelo de nuevo en unos minutos.',
    noPerson: 'No puedo pasarle con una persona desde aquí.',
    topics: 'Puedo ayudarle con:',
    machine: 'Soy un asistente automático: un programa que responde por reglas, no una persona.',
    askForPerson: 'Si prefiere hablar con una persona, dígamelo.',
    noted: 'Gracias, lo he anotado.',
    welcome: '¡De nada!',
    goodbye: '¡Hasta pronto!',
    file: 'He recibido lo que ha enviado, pero no puedo ver su contenido.',
    holding: 'Gracias por su mensaje. Lo estoy revisando y le respondo enseguida.',
  },
  de: {
    greeting: 'Guten Tag! Wie kann ich Ihnen helfen?',
    fallback: 'Das weiß ich leider nicht. Können Sie es anders formulieren?',
    handover: 'Ich gebe Sie an einen Kollegen weiter. Er antwortet Ihnen hier.',
    apology: 'Ich kann gerade leider nicht antworten. Ein Kollege macht hier weiter.',
    apologyAlone:
      'Ich kann gerade leider nicht antworten. Bitte versuchen Sie es später noch einmal.',
    noPerson: 'Ich kann Sie von hier nicht mit einem Menschen verbinden.',
    topics: 'Dabei kann ich helfen:',
    machine:
      'Ich bin ein automatischer Assistent: ein Programm, das nach Regeln antwortet, kein Mensch.',
    askForPerson: 'Wenn Sie lieber mit einem Menschen sprechen, sagen Sie es einfach.',
    noted: 'Danke, ich habe es notiert.',
    welcome: 'Gern geschehen!',
    goodbye: 'Auf Wiedersehen!',
    file: 'Ich habe Ihre Sendung erhalten, kann sie aber selbst nicht öffnen.',
    holding: 'Danke für Ihre Nachricht. Ich sehe nach und melde mich gleich.',
  },
  fr: {
    greeting: 'Bonjour ! Comment puis-je vous aider ?',
    fallback: 'Désolé, je ne connais pas la réponse. Pouvez-vous le dire autrement ?',
    handover: 'Je vous passe un collègue, qui vous répondra ici.',
    apology: 'Désolé, je ne peux pas répondre pour le moment. Un collègue prend la suite ici.',
    apologyAlone:
      'Désolé, je ne peux pas répondre pour le moment. Réessayez dans quelques minutes.',
    noPerson: 'Je ne peux pas vous passer une personne ici.',
    topics: 'Je peux vous aider sur :',
    machine:
      'Je suis un assistant automatique : un programme qui répond selon des règles, pas une personne.',
    askForPerson: 'Si vous préférez parler à une personne, dites-le simplement.',
    noted: 'Merci, c’est noté.',
    welcome: 'Je vous en prie !',
    goodbye: 'Au revoir !',
    file: 'J’ai bien reçu votre envoi, mais je ne peux pas le consulter moi-même.',
    holding: 'Merci pour votre message. Je vérifie et je reviens vers vous.',
  },
} as const satisfies Record<string, Record<Sentence, string>>
export type Language = keyof typeof sentences

/** The small words that give a language away, in plain form. */
const smallWords: Record<Language, string> = {
  en: 'the is are was you your my what when where how can could do does have has with for and not this that please hello hi hey thanks thank i am im it of to would like need want there any',
  pt: 'o os um uma e esta voce meu minha que quando onde como posso pode nao com para por favor ola oi obrigado obrigada eu sou do da em tem quero preciso bom dia boa tarde qual gostaria',
  es: 'el los la las un una es esta usted mi que cuando donde como puedo puede no con para por favor hola gracias yo soy del en tiene quiero necesito buenos dias buenas cual me gustaria',
  de: 'der die das ist sind sie ihr mein meine was wann wo wie kann konnen nicht mit fur bitte hallo guten tag danke ich bin ein eine einen und zu haben mochte brauche es gibt noch auch',
  fr: 'le les la un une est sont vous votre mon ma que quand ou comment je puis peux pouvez ne pas avec pour sil plait bonjour merci suis du de et avez voudrais veux besoin quel quelle cest',
}
const telling = new Map(
  Object.entries(smallWords).map(([language, words]) => [
    // Safe: the entries of a record have its keys.
    language as Language,
    new Set(words.split(' ')),
  ]),
)

/** Words that say nothing of the subject, in any of the languages. */
export const emptyWords: ReadonlySet<string> = new Set(
  Object.values(smallWords).join(' ').split(' '),
)

/** The language of a text, as far as its small words tell; English when they tell nothing. */
export function languageOf(text: string): Language {
  const words = wordsOf(text)
  let best: Language = 'en'
  let most = 0
  for (const [language, small] of telling) {
    const count = words.filter((word) => small.has(word)).length
    if (count > most) [best, most] = [language, count]
  }
  return best
}

/** The sentence in every language: how what was said before is recognised. */
export function inAllLanguages(sentence: Sentence): string[] {
  return Object.values(sentences).map((all) => all[sentence])
}
