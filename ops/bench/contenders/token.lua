-- ES256 access tokens checked with the libcrypto nginx has loaded, remembered in shared memory; and a mask by pattern.
local ffi = require "ffi"
local C = ffi.C

ffi.cdef[[
typedef struct bio_st BIO; typedef struct evp_pkey_st EVP_PKEY; typedef struct evp_md_ctx_st EVP_MD_CTX;
typedef struct evp_md_st EVP_MD;
BIO *BIO_new_mem_buf(const void *buf, int len);
EVP_PKEY *PEM_read_bio_PUBKEY(BIO *bp, EVP_PKEY **x, void *cb, void *u);
EVP_MD_CTX *EVP_MD_CTX_new(void); void EVP_MD_CTX_free(EVP_MD_CTX *ctx);
const EVP_MD *EVP_sha256(void);
int EVP_DigestVerifyInit(EVP_MD_CTX *ctx, void **pctx, const EVP_MD *type, void *e, EVP_PKEY *pkey);
int EVP_DigestVerify(EVP_MD_CTX *ctx, const char *sig, size_t siglen, const char *tbs, size_t tbslen);
]]

local M = {}
local public

function M.key(path)
    local file = assert(io.open(path))
    local pem = file:read("*a")
    file:close()
    public = C.PEM_read_bio_PUBKEY(C.BIO_new_mem_buf(pem, #pem), nil, nil, nil)
    assert(public ~= nil, "no public key in " .. path)
end

local function unpacked(text)
    text = text:gsub("-", "+"):gsub("_", "/")
    return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

-- A DER integer of 32 big-endian bytes.
local function integer(bytes)
    bytes = bytes:gsub("^%z+", "")
    if bytes == "" or bytes:byte(1) > 127 then bytes = "\0" .. bytes end
    return "\2" .. string.char(#bytes) .. bytes
end

local function valid(token)
    local signed, signature = token:match("^([%w_-]+%.[%w_-]+)%.([%w_-]+)$")
    signature = signed and unpacked(signature)
    if not signature or #signature ~= 64 then return nil end
    local pair = integer(signature:sub(1, 32)) .. integer(signature:sub(33))
    local der = "\48" .. string.char(#pair) .. pair
    local context = C.EVP_MD_CTX_new()
    local ok = C.EVP_DigestVerifyInit(context, nil, C.EVP_sha256(), nil, public) == 1
        and C.EVP_DigestVerify(context, der, #der, signed, #signed) == 1
    C.EVP_MD_CTX_free(context)
    local claims = ok and unpacked(signed:match("%.(.+)$"))
    local expires = claims and tonumber(claims:match('"exp":%s*(%d+)'))
    return expires and expires > ngx.time() and expires or nil
end

function M.check()
    local given = ngx.var.http_authorization
    local token = given and given:match("^Bearer (.+)$")
    if not token then return ngx.exit(401) end
    local tokens = ngx.shared.tokens
    local expires = tokens:get(token)
    if expires and expires > ngx.time() then return end
    expires = valid(token)
    if not expires then return ngx.exit(401) end
    tokens:set(token, expires, math.min(60, expires - ngx.time()))
end

function M.mask()
    local chunk, last = ngx.arg[1], ngx.arg[2]
    local kept = ngx.ctx.kept
    if not last then
        ngx.ctx.kept = kept and kept .. chunk or chunk
        ngx.arg[1] = nil
        return
    end
    local body = (kept or "") .. chunk
    body = body:gsub('("phone":%s*"%d%d%d)%d+(%d%d%d%d")', "%1****%2")
    ngx.arg[1] = body:gsub('("id_number":%s*")[%w]+([%w][%w][%w][%w]")', "%1**************%2")
end

return M
