// What was said on the demo's website.

import { accepts, asked, hears, picture, replies, says, type Story } from './steps.ts'

export const site: readonly Story[] = [
  {
    name: 'visitor with a basket',
    on: 'site',
    address: '',
    parameters: { page: 'electric-bikes', basket: '1290 €' },
    sessions: [
      asked('How far does an electric bike go?'),
      [
        says('Hi, my email is noah.berg@mail.example. Do you deliver to Norway?'),
        hears,
        says('I would rather talk to a person'),
        hears,
        accepts('jonas'),
        replies('jonas', 'Hello, Jonas here. Yes, to Norway it takes six days.'),
        says('Perfect'),
      ],
    ],
  },
  {
    name: 'reader',
    on: 'site',
    address: '',
    parameters: { page: 'rental' },
    sessions: [asked('Do you rent a bike for children?')],
  },
  {
    name: 'German visitor',
    on: 'site',
    address: '',
    parameters: { page: 'lieferung', language: 'de' },
    sessions: [
      asked('Was kostet die Lieferung?', 'Danke'),
      [says('Ich möchte mit einem Menschen sprechen'), hears],
    ],
  },
  {
    name: 'French visitor',
    on: 'site',
    address: '',
    parameters: { page: 'location', language: 'fr' },
    sessions: [asked('Je veux louer un vélo', 'Merci')],
  },
  {
    name: 'visitor with a photo',
    on: 'site',
    address: '',
    parameters: { page: 'contact' },
    sessions: [
      [
        picture('My saddle looks like this. Do you have a new one?'),
        hears,
        says('My name is Hanna Virtanen'),
        hears,
      ],
    ],
  },
  {
    name: 'Brazilian visitor',
    on: 'site',
    address: '',
    parameters: { page: 'aluguer', language: 'pt' },
    sessions: [asked('Quero alugar uma bicicleta', 'Obrigado'), asked('Que horas abrem?', 'Valeu')],
  },
  {
    name: 'late visitor',
    on: 'site',
    address: '',
    sessions: [[says('Are you open on Sunday?'), hears]],
  },
]
