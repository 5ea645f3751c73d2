// The demo tenant: a bicycle shop of our own making, its people, agents and connections.

import type { NewAgent } from '../../shared/agent.ts'
import type { Role } from '../../shared/permissions.ts'

export const company = { name: 'Larkfield Bikes', timeZone: 'Europe/Lisbon', defaultCountry: 'PT' }

export type OperatorKey = 'nora' | 'tomas' | 'ada' | 'jonas' | 'mei' | 'victor'

interface DemoPerson {
  readonly key: OperatorKey
  readonly name: string
  readonly email: string
  readonly password: string
  readonly role: Role
}

function person(key: OperatorKey, name: string, role: Role): DemoPerson {
  return { key, name, role, email: `${key}@larkfield.example`, password: `${key}-rides-a-bike` }
}

/** The first founds the tenant; the others are added by her. */
export const people = [
  person('nora', 'Nora Lindqvist', 'owner'),
  person('tomas', 'Tomás Rivera', 'admin'),
  person('ada', 'Ada Okafor', 'operator'),
  person('jonas', 'Jonas Weber', 'operator'),
  person('mei', 'Mei Tanaka', 'operator'),
  person('victor', 'Victor Petrov', 'viewer'),
] as const

/** The connections by the names the stories use. */
export const places = {
  shop: { channel: 'whatsapp', name: 'WhatsApp Shop', agent: 'lark' },
  workshop: { channel: 'whatsapp', name: 'WhatsApp Workshop', agent: 'otto' },
  telegram: { channel: 'telegram', name: 'Telegram', agent: 'lark' },
  site: { channel: 'web', name: 'Larkfield website', agent: 'lark' },
} as const
export type PlaceName = keyof typeof places

type DemoAgent = Omit<NewAgent, 'connections'>

export const agents: Record<'lark' | 'otto', DemoAgent> = {
  lark: {
    name: 'Lark',
    instructions: `You answer for Larkfield Bikes, a bicycle shop in Porto. Be brief and kind.
Greeting: Hello, this is Lark, the assistant of Larkfield Bikes.
? What is it about? | Opening hours | Rent a bike | Delivery | Talk to a person
opening hours, when are you open, open on: We are open Monday to Saturday, 9:00 to 19:00.
rent a bike, rental, rent: A city bike is 18 € a day, an electric one 32 €. Helmet and lock are included.
? Which one would you like? | City bike | Electric bike | Cargo bike
city bike: A city bike is 18 € a day. Tell me the day and your size, and we keep one for you.
electric bike, e-bike: Electric bikes are 32 € a day and go about 80 km on one charge.
cargo bike: The cargo bike carries two children or 80 kg, for 45 € a day.
delivery, deliver, shipping: We deliver in Portugal in 2 days for 15 €, and in the rest of Europe in 5 days for 39 €.
where are you, your address, find you: Rua das Flores 118, Porto, two minutes from São Bento.
pay, payment, invoice: Card, MB Way or transfer; the invoice comes by email.
helmet, helmets: Helmets start at 35 €, and we adjust them for free.
size, frame: From 1.60 to 1.72 m take an M, from there to 1.85 m an L.
que horas abrem, horário: Abrimos de segunda a sábado, das 9h às 19h.
alugar, aluguer: Uma bicicleta de cidade custa 18 € por dia, uma elétrica 32 €. Capacete e cadeado incluídos.
entrega, entregam: Entregamos em Portugal em 2 dias por 15 €.
qué hora abren, cuándo abren: Abrimos de lunes a sábado, de 9 a 19 h.
alquilar, alquiler: Una bicicleta de ciudad cuesta 18 € al día y una eléctrica 32 €, con casco y candado.
envío, envían: Enviamos a España en 5 días por 39 €.
öffnungszeiten, wann habt ihr offen, geöffnet: Wir haben Montag bis Samstag von 9 bis 19 Uhr geöffnet.
mieten, leihen, miete: Ein Stadtrad kostet 18 € am Tag, ein E-Bike 32 €. Helm und Schloss sind dabei.
lieferung, liefern: Nach Deutschland liefern wir in 5 Tagen für 39 €.
horaires, quand ouvrez: Nous sommes ouverts du lundi au samedi, de 9 h à 19 h.
louer, location: Un vélo de ville coûte 18 € par jour, un vélo électrique 32 €, casque et antivol compris.
livraison, livrez: Nous livrons en France en 5 jours pour 39 €.`,
    model: { kind: 'rules' },
    resultFields: [
      {
        name: 'bike_type',
        label: 'Bike type',
        type: 'enum',
        options: ['City bike', 'Electric bike', 'Cargo bike'],
      },
      { name: 'rental_day', label: 'Rental day', type: 'date' },
    ],
    handoff: {
      allowed: true,
      phrases: ['talk to a person'],
      triggers: ['refund', 'complaint', 'reembolso', 'Beschwerde'],
      condition: 'The customer is upset, or asks for a discount for a group.',
      afterFailures: 2,
    },
    copilot: true,
  },
  otto: {
    name: 'Otto',
    instructions: `You answer for the workshop of Larkfield Bikes.
Greeting: Hi, Otto from the Larkfield workshop here.
? How can the workshop help? | Book a repair | Is my bike ready? | Prices
book a repair, repair, appointment: Bring the bike any day before 11:00 and it is ready the next evening. What is wrong with it?
bike ready, ready, finished: I look at the board every hour: we write to you here as soon as it is done.
prices, price, cost, how much: A service is 45 €, a new chain 28 €, a flat tyre 12 €.
brake, brakes: Squeaking brakes are usually pads: 18 € with the work, done while you wait.
flat, puncture, tyre: A flat tyre is 12 € and takes twenty minutes.
chain, gears: A new chain is 28 €, adjusting the gears 15 €.
battery, charge: Please bring the battery and the charger; a check is 20 €.
opening hours, when are you open: The workshop is open Monday to Friday, 8:30 to 18:00.
quanto custa, preço: Uma revisão custa 45 €, uma corrente nova 28 €, um furo 12 €.
pronta: Vejo o quadro de hora a hora: escrevemos aqui assim que estiver pronta.`,
    model: { kind: 'rules' },
    resultFields: [
      { name: 'order_number', label: 'Order number', type: 'text' },
      { name: 'problem', label: 'What is wrong', type: 'text' },
    ],
    handoff: {
      allowed: true,
      phrases: ['talk to the mechanic'],
      triggers: ['complaint', 'broken again', 'stolen'],
      condition: '',
      afterFailures: 2,
    },
    copilot: true,
  },
}
