// A cached ES256 check, the provider's answer projected with two masks, one durable row before it is released.
// No parameters, grant, quota, counters or log. Rows of calls that come together are one INSERT.
'use strict'
const fs = require('node:fs')
const fastify = require('fastify')({ logger: false, keepAliveTimeout: 60000 })
const { Pool } = require('undici')
const pg = require('pg')

const [port, upstream, keyFile] = process.argv.slice(2)
const provider = new Pool(upstream, { connections: 256, pipelining: 1 })
const database = new pg.Client({ connectionString: process.env.CONTENDER_DSN })
const FIELDS = ['uscc', 'name', 'legal_person', 'phone', 'filler']
const INSERT = 'INSERT INTO contender_call (subject, path, records) ' +
  'SELECT s, p, r FROM unnest($1::text[], $2::text[], $3::int[]) AS t (s, p, r)'

let waiting = []
let writing = false
async function flush () {
  writing = true
  while (waiting.length) {
    const batch = waiting
    waiting = []
    try {
      await database.query({
        name: 'insert', text: INSERT,
        values: [batch.map(one => one.subject), batch.map(one => one.path), batch.map(one => one.records)]
      })
      for (const one of batch) one.done()
    } catch (error) {
      for (const one of batch) one.failed(error)
    }
  }
  writing = false
}
function recorded (subject, path, records) {
  return new Promise((done, failed) => {
    waiting.push({ subject, path, records, done, failed })
    if (!writing) flush()
  })
}

const MASKS = {
  phone: value => value.slice(0, 3) + '****' + value.slice(-4),
  legal_person: value => value.slice(0, 1) + '**'
}
function shown (record) {
  const out = {}
  for (const name of FIELDS) out[name] = MASKS[name] ? MASKS[name](record[name]) : record[name]
  return out
}

fastify.register(require('@fastify/jwt'), {
  secret: { public: fs.readFileSync(keyFile) }, verify: { algorithms: ['ES256'], cache: 5000 }
})
fastify.get('/*', async (request, reply) => {
  await request.jwtVerify()
  const { statusCode, body } = await provider.request({ path: request.url, method: 'GET' })
  if (statusCode !== 200) return reply.code(502).send()
  const records = (await body.json()).data.map(shown)
  await recorded(request.user.sub, request.url, records.length)
  return { records }
})

async function main () {
  await database.connect()
  await database.query('CREATE TABLE IF NOT EXISTS contender_call (id bigserial PRIMARY KEY, ' +
    'at timestamptz DEFAULT now(), subject text, path text, records int)')
  await fastify.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 })
}
main().catch(error => { console.error(error); process.exit(1) })
