import { openHouse, openBare, signed, deliveryOf, numbers } from './house.ts'
import { volley } from './load.ts'
import fs from 'node:fs'
const held = process.argv[2]==='held'
const h = await openHouse({held})
const nums = numbers(100)
const make = (c: string, n: number) => Array.from({length:n},(_,i)=>signed(c, deliveryOf(nums[i%100]!, `Hello number ${i}`).body))
await volley(h.url, make(h.attended.id,500),16); await new Promise(r=>setTimeout(r,1500))
const list = await (await fetch('http://127.0.0.1:9339/json')).json() as {id:string,title:string,webSocketDebuggerUrl:string}[]
console.log(list.map(l=>l.id))
const session = async (name:string)=>{ const one=list.find(l=>l.id.includes(name))!; const ws=new WebSocket(one.webSocketDebuggerUrl); await new Promise(r=>ws.onopen=r); let n=0; const w=new Map<number,(v:any)=>void>(); ws.onmessage=e=>{const m=JSON.parse(String(e.data)); w.get(m.id)?.(m.result)}; return (method:string,params={})=>new Promise<any>(r=>{const id=++n;w.set(id,r);ws.send(JSON.stringify({id,method,params}))}) }
const which=(process.argv[3]??'main').split(',')
const ss=await Promise.all(which.map(session))
for(const s of ss){await s('Profiler.enable');await s('Profiler.setSamplingInterval',{interval:200});await s('Profiler.start')}
const c0=h.running.cpuMs()!
const N=held?6000:1500
const t=await volley(h.url, make(h.attended.id,N),16); console.log('rate',N/t*1000, 'cpu/msg', (h.running.cpuMs()!-c0)/N)
await new Promise(r=>setTimeout(r,1000)); console.log('cpu/msg after drain', (h.running.cpuMs()!-c0)/N)
for(const [i,s] of ss.entries()){const r=await s('Profiler.stop'); fs.writeFileSync(`/dev/shm/h9/${which[i]}.cpuprofile`,JSON.stringify(r.profile))}
console.log(h.running.complaints().slice(0,2000))
await h.close()
process.exit(0)
