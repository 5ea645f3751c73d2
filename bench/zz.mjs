import { build } from 'esbuild'
import fs from 'node:fs'
const stub={name:'stub',setup(b){b.onResolve({filter:/.*/},(a)=>a.kind==='dynamic-import'?{path:a.path,external:true}:undefined)}}
const subj={
 zodmini:`import * as z from 'zod/mini'; globalThis.x=z`,
 api:`import * as z from './shared/api.ts'; globalThis.x=z`,
 session:`import * as z from './shared/session.ts'; globalThis.x=z`,
 schema:`import * as z from './worker/base/schema.ts'; globalThis.x=z`,
 drizzled1:`import * as z from 'drizzle-orm/d1'; globalThis.x=z`,
 channels:`import * as z from './worker/channels/registry.ts'; globalThis.x=z`,
 phone:`import * as z from './worker/customer/phone.ts'; globalThis.x=z`,
 think:`import * as z from './worker/agent/think.ts'; globalThis.x=z`,
 openapi:`import * as z from './worker/base/openapi.ts'; globalThis.x=z`,
 nodecrypto:`import * as z from 'node:crypto'; globalThis.x=z`,
 app:`import * as z from './worker/app.ts'; globalThis.x=z`,
 tenant:`import * as z from './worker/tenant/routes.ts'; globalThis.x=z`,
 customer:`import * as z from './worker/customer/routes.ts'; globalThis.x=z`,
 sess:`import * as z from './worker/session/object.ts'; globalThis.x=z`,
}
for(const [k,v] of Object.entries(subj)) await build({stdin:{contents:v+'\nexport default {fetch(){return new Response("ok")}}',resolveDir:'/work/main',loader:'ts'},bundle:true,format:'esm',target:'es2024',conditions:['workerd','worker','browser'],external:['cloudflare:*','node:*'],plugins:[stub],define:{'process.env.NODE_ENV':'"production"'},keepNames:true,logLevel:'error',outfile:`/dev/shm/h9/p/${k}.js`})
fs.writeFileSync('/dev/shm/h9/p/names',Object.keys(subj).join(' '))
