// duckdb.h: the part of DuckDB's C API that rusuban-sql calls, as declarations of our own.
//
// The library comes from npm without a header; the package that has one brings a hundred others along. What stands here
// is stable API (duckdb.org/docs/stable/clients/c/api); handles are pointers, and whatever was created is destroyed by
// the call named after it. Compared with the header of 1.4.4 by compiling both together.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct duck_database *duckdb_database;
typedef struct duck_connection *duckdb_connection;
typedef struct duck_config *duckdb_config;
typedef struct duck_prepared *duckdb_prepared_statement;
typedef struct duck_statements *duckdb_extracted_statements;
typedef struct duck_appender *duckdb_appender;
typedef struct duck_chunk *duckdb_data_chunk;
typedef struct duck_vector *duckdb_vector;
typedef struct duck_type *duckdb_logical_type;
typedef struct duck_function *duckdb_scalar_function;
typedef struct duck_call *duckdb_function_info;
typedef uint64_t idx_t;
typedef int duckdb_state;                       // 0: done
typedef struct { idx_t unused[3]; void *more[3]; } duckdb_result;

// A text of up to 12 bytes stands in place, a longer one elsewhere.
typedef union {
    uint32_t length;
    struct { uint32_t n; char text[12]; } near;
    struct { uint32_t n; char first[4]; char *text; } far;
} duckdb_string_t;
_Static_assert(sizeof(duckdb_string_t) == 16, "the size is part of the interface");

enum duck_type_id { DUCK_INVALID = 0, DUCK_BOOLEAN = 1, DUCK_UBIGINT = 9, DUCK_FLOAT = 10, DUCK_DOUBLE = 11, DUCK_HUGEINT = 16,
                    DUCK_VARCHAR = 17, DUCK_DECIMAL = 19, DUCK_LIST = 24, DUCK_STRUCT = 25, DUCK_MAP = 26,
                    DUCK_UNION = 28, DUCK_TIMESTAMP_TZ = 31, DUCK_UHUGEINT = 32, DUCK_ARRAY = 33, DUCK_BIGNUM = 35 };
enum duck_statement { DUCK_SELECT = 1, DUCK_EXPLAIN = 4 };

duckdb_state duckdb_create_config(duckdb_config *out);
duckdb_state duckdb_set_config(duckdb_config c, const char *name, const char *value);
void duckdb_destroy_config(duckdb_config *c);
duckdb_state duckdb_open_ext(const char *path, duckdb_database *out, duckdb_config c, char **error);
duckdb_state duckdb_connect(duckdb_database db, duckdb_connection *out);
void duckdb_free(void *p);

duckdb_state duckdb_query(duckdb_connection c, const char *sql, duckdb_result *out);
const char *duckdb_result_error(duckdb_result *r);
void duckdb_destroy_result(duckdb_result *r);
duckdb_data_chunk duckdb_fetch_chunk(duckdb_result r);
idx_t duckdb_column_count(duckdb_result *r);
void duckdb_destroy_data_chunk(duckdb_data_chunk *c);
idx_t duckdb_data_chunk_get_size(duckdb_data_chunk c);
duckdb_vector duckdb_data_chunk_get_vector(duckdb_data_chunk c, idx_t column);
void *duckdb_vector_get_data(duckdb_vector v);
uint64_t *duckdb_vector_get_validity(duckdb_vector v);
void duckdb_vector_ensure_validity_writable(duckdb_vector v);
void duckdb_vector_assign_string_element_len(duckdb_vector v, idx_t row, const char *text, idx_t n);
void duckdb_validity_set_row_invalid(uint64_t *validity, idx_t row);

idx_t duckdb_extract_statements(duckdb_connection c, const char *sql, duckdb_extracted_statements *out);
const char *duckdb_extract_statements_error(duckdb_extracted_statements s);
void duckdb_destroy_extracted(duckdb_extracted_statements *s);
duckdb_state duckdb_prepare(duckdb_connection c, const char *sql, duckdb_prepared_statement *out);
const char *duckdb_prepare_error(duckdb_prepared_statement p);
void duckdb_destroy_prepare(duckdb_prepared_statement *p);
int duckdb_prepared_statement_type(duckdb_prepared_statement p);
idx_t duckdb_nparams(duckdb_prepared_statement p);
idx_t duckdb_prepared_statement_column_count(duckdb_prepared_statement p);
const char *duckdb_prepared_statement_column_name(duckdb_prepared_statement p, idx_t i);
int duckdb_prepared_statement_column_type(duckdb_prepared_statement p, idx_t i);
typedef struct { int32_t days; } duckdb_date;
typedef struct { int64_t micros; } duckdb_timestamp;
duckdb_state duckdb_bind_parameter_index(duckdb_prepared_statement p, idx_t *out, const char *name);
duckdb_state duckdb_bind_null(duckdb_prepared_statement p, idx_t i);
duckdb_state duckdb_bind_int64(duckdb_prepared_statement p, idx_t i, int64_t v);
duckdb_state duckdb_bind_double(duckdb_prepared_statement p, idx_t i, double v);
duckdb_state duckdb_bind_varchar_length(duckdb_prepared_statement p, idx_t i, const char *text, idx_t n);
duckdb_state duckdb_bind_date(duckdb_prepared_statement p, idx_t i, duckdb_date v);
duckdb_state duckdb_bind_timestamp_tz(duckdb_prepared_statement p, idx_t i, duckdb_timestamp v);
const char *duckdb_column_name(duckdb_result *r, idx_t i);
int duckdb_column_type(duckdb_result *r, idx_t i);
duckdb_state duckdb_execute_prepared_streaming(duckdb_prepared_statement p, duckdb_result *out);

duckdb_state duckdb_appender_create(duckdb_connection c, const char *schema, const char *table, duckdb_appender *out);
duckdb_state duckdb_append_int64(duckdb_appender a, int64_t v);
duckdb_state duckdb_append_varchar_length(duckdb_appender a, const char *text, idx_t n);
duckdb_state duckdb_appender_end_row(duckdb_appender a);
duckdb_state duckdb_appender_destroy(duckdb_appender *a);

duckdb_logical_type duckdb_create_logical_type(int type);
void duckdb_destroy_logical_type(duckdb_logical_type *t);
duckdb_scalar_function duckdb_create_scalar_function(void);
void duckdb_destroy_scalar_function(duckdb_scalar_function *f);
void duckdb_scalar_function_set_name(duckdb_scalar_function f, const char *name);
void duckdb_scalar_function_set_volatile(duckdb_scalar_function f);
void duckdb_scalar_function_add_parameter(duckdb_scalar_function f, duckdb_logical_type t);
void duckdb_scalar_function_set_return_type(duckdb_scalar_function f, duckdb_logical_type t);
void duckdb_scalar_function_set_extra_info(duckdb_scalar_function f, void *info, void (*destroy)(void *));
void *duckdb_scalar_function_get_extra_info(duckdb_function_info info);
void duckdb_scalar_function_set_function(duckdb_scalar_function f,
                                         void (*fn)(duckdb_function_info, duckdb_data_chunk, duckdb_vector));
duckdb_state duckdb_register_scalar_function(duckdb_connection c, duckdb_scalar_function f);
