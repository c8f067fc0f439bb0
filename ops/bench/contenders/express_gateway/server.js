// express-gateway as its manual sets it up: a token checked at each call, then the proxy policy.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const [port, upstream, keyFile, folder] = process.argv.slice(2)

fs.mkdirSync(folder, { recursive: true })
const own = path.dirname(require.resolve('express-gateway/package.json'))
fs.cpSync(path.join(own, 'lib', 'config', 'models'), path.join(folder, 'models'), { recursive: true })
fs.copyFileSync(path.join(own, 'lib', 'config', 'system.config.yml'), path.join(folder, 'system.config.yml'))
// JSON is YAML.
fs.writeFileSync(path.join(folder, 'gateway.config.yml'), JSON.stringify({
  http: { port: Number(port), hostname: '127.0.0.1' },
  apiEndpoints: { calls: { host: '*', paths: '/*' } },
  serviceEndpoints: { provider: { url: upstream } },
  policies: ['jwt', 'proxy'],
  pipelines: {
    calls: {
      apiEndpoints: ['calls'],
      policies: [
        { jwt: { action: { secretOrPublicKeyFile: keyFile, checkCredentialExistence: false, jwtExtractor: 'authBearer' } } },
        { proxy: [{ action: { serviceEndpoint: 'provider', changeOrigin: true } }] }
      ]
    }
  }
}))
require('express-gateway')().load(folder).run()
