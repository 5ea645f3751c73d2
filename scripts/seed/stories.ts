// The demo's customers and what was said: on phones, in Telegram and on the website.

import { site } from './site-stories.ts'
import {
  accepts,
  asked,
  assigns,
  card,
  hears,
  notes,
  picture,
  place,
  reacts,
  replies,
  resolves,
  says,
  takes,
  taps,
  unreachable,
  type Story,
} from './steps.ts'

const shop: Story[] = [
  {
    name: 'Dana Whitfield',
    on: 'shop',
    address: '13125550142',
    sessions: [
      asked('Hi! When are you open on Saturdays?'),
      asked('How much is delivery to Ireland?', 'Great, thank you'),
      [
        says('Hello, I would like to rent a bike for Friday'),
        hears,
        taps('Electric bike'),
        hears,
        says('My email is dana.whitfield@mail.example, please send me the invoice'),
        hears,
        says('Can I talk to a person? We are a group of nine and hope for a better price'),
        hears,
        accepts('ada'),
        notes('ada', 'Group of nine: Nora allows 15 % from eight bikes on.'),
        replies('ada', 'Hi Dana, Ada here. For nine bikes it is 15 % less: 244.80 € for the day.'),
        says('That is perfect, we take them!'),
        reacts('❤️'),
        replies('ada', 'Lovely. Shall we bring them to you?', ['Bring them', 'We come by']),
        taps('Bring them'),
        place('Hotel da Ribeira', [41.1406, -8.6132]),
        says('Can we pay by card?'),
      ],
    ],
  },
  {
    name: 'Inês Carvalho',
    on: 'shop',
    address: '351912345601',
    sessions: [
      asked('Olá! A que horas abrem amanhã? que horas abrem', 'Obrigada!'),
      [
        says('Bom dia, quero alugar uma bicicleta para domingo'),
        hears,
        says('Quero falar com uma pessoa, por favor'),
        hears,
        accepts('mei'),
        replies(
          'mei',
          'Olá Inês, fala a Mei. Ao domingo estamos fechados, mas deixo a bicicleta pronta no sábado.',
        ),
        says('Excelente, passo no sábado às 18h'),
        replies('mei', 'Combinado. Até sábado!'),
        resolves('mei'),
      ],
      asked('Boa tarde, entregam em Faro?', 'Muito obrigada'),
    ],
  },
  {
    name: 'Lukas Brandt',
    on: 'shop',
    address: '4915112345602',
    sessions: [
      asked('Guten Tag, wann habt ihr offen?', 'Danke'),
      [
        says('Ich möchte zwei E-Bikes mieten'),
        hears,
        says('Ich habe eine Beschwerde: das Schloss vom letzten Mal war kaputt'),
        hears,
        accepts('jonas'),
        replies(
          'jonas',
          'Hallo Herr Brandt, Jonas hier. Das tut mir leid. Sie bekommen neue Schlösser, und die Miete für einen Tag geht auf uns.',
        ),
        says('Das ist sehr freundlich, danke'),
        reacts('👍'),
        resolves('jonas'),
      ],
    ],
  },
  {
    name: 'Amara Nwosu',
    on: 'shop',
    address: '2348012345603',
    sessions: [
      asked('Do you have helmets for children?'),
      [
        picture('Do you sell this kind of bell?'),
        hears,
        says('I want to speak to a human please'),
        hears,
      ],
    ],
  },
  {
    name: 'Carlos Medina',
    on: 'shop',
    address: '34612345604',
    sessions: [
      asked('Hola, ¿a qué hora abren mañana?', 'Gracias'),
      asked('¿Hacen envío a Sevilla?', 'Muchas gracias'),
      [says('Quiero hablar con una persona sobre mi reembolso'), hears],
    ],
  },
  {
    name: 'Chloé Martin',
    on: 'shop',
    address: '33612345605',
    sessions: [
      asked('Bonjour, je voudrais louer un vélo pour samedi', 'Merci'),
      asked('La livraison à Lyon coûte combien ?', 'Merci beaucoup'),
    ],
  },
  {
    name: 'Priya Raman',
    on: 'shop',
    address: '919812345606',
    sessions: [
      [
        says('Is a cargo bike free tomorrow?'),
        hears,
        takes('ada'),
        replies('ada', 'Hello Priya, yes: one is free from 10:00. Shall I keep it?', [
          'Yes, please',
          'No, thanks',
        ]),
        taps('Yes, please'),
        notes('ada', 'Cargo bike 2 is hers for tomorrow, 10:00.'),
        resolves('ada'),
      ],
      asked('Where are you? I do not find you'),
    ],
  },
  {
    name: 'Oleksandr Bondar',
    on: 'shop',
    address: '380501234607',
    sessions: [
      asked('Hello, which frame size for 1.78 m?'),
      [says('Добрий день! Хочу поговорити з оператором'), hears],
    ],
  },
  {
    name: 'Sofia Rossi',
    on: 'shop',
    address: '393312345608',
    sessions: [
      [
        says('Vorrei parlare con un operatore'),
        hears,
        accepts('jonas'),
        replies('jonas', 'Buongiorno Sofia, sono Jonas. Come posso aiutarla?'),
        says('Ho perso la chiave del lucchetto'),
        unreachable,
        replies('jonas', 'Nessun problema: le mandiamo la chiave di riserva.'),
        notes('jonas', 'The last message did not reach her. Call in the afternoon.'),
      ],
    ],
  },
  {
    name: 'Hiroshi Sato',
    on: 'shop',
    address: '819012345609',
    sessions: [
      asked('Can I pay by card?'),
      [says('オペレーターと話したいです'), hears, says('English is fine too')],
    ],
  },
  {
    name: 'Beatriz Lopes',
    on: 'shop',
    address: '351912345615',
    sessions: [
      asked('Olá, quero alugar uma bicicleta', 'Obrigada'),
      [
        says('Do you have a tandem?'),
        hears,
        takes('ada'),
        notes('ada', 'We order one if she takes it for a week.'),
        replies('ada', 'Hi Beatriz, we have none here, but I can get one by Thursday. Shall I?', [
          'Yes, order it',
          'Let me think',
        ]),
        taps('Let me think'),
        resolves('ada'),
      ],
    ],
  },
  {
    name: 'Fatima Zahra',
    on: 'shop',
    address: '212612345610',
    sessions: [
      asked('Bonjour, quels sont vos horaires ?', 'Merci'),
      [says('My name is Fatima Zahra El Idrissi and my email is fatima@mail.example'), hears],
    ],
  },
]

const workshop: Story[] = [
  {
    name: 'Dana Whitfield',
    on: 'workshop',
    address: '13125550142',
    sessions: [asked('My brakes squeak. How much is that?', 'OK, I come by')],
  },
  {
    name: 'Rui Tavares',
    on: 'workshop',
    address: '351912345611',
    sessions: [
      asked('Quanto custa uma revisão?', 'Obrigado'),
      [
        says('A minha bicicleta já está pronta?'),
        hears,
        picture('É a azul'),
        hears,
        takes('jonas'),
        replies('jonas', 'Está pronta, Rui! Pode vir até às 18h.'),
        says('Vou já'),
        resolves('jonas'),
      ],
    ],
  },
  {
    name: 'Grace Mbeki',
    on: 'workshop',
    address: '27821234612',
    sessions: [
      asked('I have a flat tyre, can you fix it today?'),
      [
        says('It is broken again, the same wheel'),
        hears,
        accepts('mei'),
        replies(
          'mei',
          'Hello Grace, Mei here. Please bring it in: we look at it first thing, free of charge.',
        ),
        assigns('mei', 'jonas'),
        replies(
          'jonas',
          'Hi Grace, Jonas from the workshop. I keep the stand free for you at 9:00.',
        ),
      ],
    ],
  },
  {
    name: 'Piotr Zieliński',
    on: 'workshop',
    address: '48501234613',
    sessions: [
      asked('Hi, book a repair please: the gears jump'),
      [says('Chcę rozmawiać z człowiekiem'), hears],
    ],
  },
  {
    name: 'Leila Haddad',
    on: 'workshop',
    address: '96171234614',
    sessions: [
      asked('The battery does not charge any more'),
      asked('Is my bike ready? My order number is W-2041'),
    ],
  },
]

const telegram: Story[] = [
  {
    name: 'Marta Kowalczyk',
    on: 'telegram',
    address: 'marta_k',
    sessions: [
      asked('Hello! What are your opening hours?'),
      [
        says('I would like to rent a bike'),
        hears,
        taps('Cargo bike'),
        hears,
        says('Could somebody call me? My phone is +48 501 222 333'),
        hears,
        takes('mei'),
        replies('mei', 'Hi Marta, I call you at five. Is that all right?'),
        says('Yes, great'),
        resolves('mei'),
      ],
      asked('Do you deliver to Kraków?'),
    ],
  },
  {
    name: 'Diego Fuentes',
    on: 'telegram',
    address: 'diegof',
    sessions: [
      asked('Buenas, quiero alquilar dos bicicletas', 'Gracias'),
      [
        says('Necesito hablar con una persona'),
        hears,
        accepts('ada'),
        replies('ada', 'Hola Diego, soy Ada. ¿En qué puedo ayudarte?'),
        card('Elena Fuentes', '+34612345620'),
        says('Es mi hermana, recoge ella las bicicletas'),
        replies('ada', 'Apuntado, gracias.'),
        resolves('ada'),
      ],
    ],
  },
  {
    name: 'Anouk de Vries',
    on: 'telegram',
    address: 'anouk_dv',
    sessions: [
      asked('Is a helmet included with the rental?'),
      [says('Ik wil met een medewerker praten'), hears],
    ],
  },
  {
    name: 'Tariq Aziz',
    on: 'telegram',
    address: 'tariq_rides',
    sessions: [
      asked('What does an e-bike cost for a day?'),
      [says('How do I find you from the station?'), hears, place('São Bento', [41.1456, -8.6109])],
    ],
  },
  {
    name: 'Yuki Mori',
    on: 'telegram',
    address: 'yukimori',
    sessions: [
      [picture('Is this frame size M?'), hears, resolves('mei')],
      asked('Do you have helmets?'),
    ],
  },
  {
    name: 'Olena Shevchuk',
    on: 'telegram',
    address: 'olena_s',
    sessions: [
      asked('Can I pay by transfer?'),
      [
        says('I want a refund for yesterday, it rained all day'),
        hears,
        accepts('mei'),
        notes('mei', 'Rain is no reason for a refund, a voucher is fine.'),
        replies('mei', 'Hello Olena, Mei here. I can offer you a voucher for another day.'),
        says('That works for me'),
        resolves('mei'),
      ],
    ],
  },
  {
    name: 'Femi Adeyemi',
    on: 'telegram',
    address: 'femi_a',
    sessions: [
      asked('When are you open?'),
      [says('Do you buy used bikes?'), hears, says('And old motorcycles?'), hears],
    ],
  },
]

export const stories: readonly Story[] = [...shop, ...workshop, ...telegram, ...site]
