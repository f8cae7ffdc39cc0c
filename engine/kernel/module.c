/* The Python module: binds stages to arrays, and runs them without letting go of Python's lock.

   A block of sound takes tens of microseconds here. Who lets go of the lock meanwhile has to win it
   back from threads that may hold it for longer than that. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

#include "denormals.h"
#include "stages.h"
#include "table.h"

#define MOST_ARRAYS 16
#define MOST_NUMBERS 32

typedef struct {
    PyObject_HEAD const Entry *entry;
    int bound, all; /* arrays that are bound, and that the stage takes */
    Py_buffer views[MOST_ARRAYS];
    Array arrays[MOST_ARRAYS];
} Bound;

/* Whether a buffer's elements are of a type: f float32, c complex64, d float64, i int64. */
static int is_of(const Py_buffer *view, char type)
{
    const char *format = view->format ? view->format : "B";
    switch (type) {
    case 'f':
        return strcmp(format, "f") == 0;
    case 'c':
        return strcmp(format, "Zf") == 0;
    case 'd':
        return strcmp(format, "d") == 0;
    default:
        return view->itemsize == 8 && (strcmp(format, "l") == 0 || strcmp(format, "q") == 0);
    }
}

/* Open the buffer of one argument; return whether it can be what the stage takes there. */
static int open_array(const Entry *entry, int at, PyObject *given, Py_buffer *view, Array *array)
{
    char type = entry->arrays[at];
    int is_written = type >= 'A' && type <= 'Z';
    int flags = PyBUF_STRIDES | PyBUF_FORMAT | (is_written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(given, view, flags) < 0)
        return 0;
    if (view->ndim < 1 || view->ndim > 2 || !is_of(view, is_written ? type + 'a' - 'A' : type)) {
        PyErr_Format(PyExc_TypeError, "%s: array %d has another type or shape", entry->name, at);
        PyBuffer_Release(view);
        return 0;
    }
    int last = view->ndim - 1;
    array->data = view->buf;
    array->rows = last ? view->shape[0] : 1;
    array->columns = view->shape[last];
    array->stride = last ? view->strides[0] / view->itemsize : 0;
    array->step = view->strides[last] / view->itemsize;
    return 1;
}

static PyObject *run(Bound *self, PyObject *const *given, Py_ssize_t count)
{
    const Entry *entry = self->entry;
    int passed = self->all - self->bound, opened = 0;
    Py_buffer views[MOST_ARRAYS];
    double numbers[MOST_NUMBERS], result = 0.0;
    if (count != passed + entry->numbers)
        return PyErr_Format(PyExc_TypeError, "%s takes %d arrays and %d numbers, not %zd arguments",
                            entry->name, passed, entry->numbers, count);
    Array arrays[MOST_ARRAYS];
    memcpy(arrays, self->arrays, self->bound * sizeof(Array));
    while (opened < passed) {
        int at = self->bound + opened;
        if (!open_array(entry, at, given[opened], &views[opened], &arrays[at]))
            goto done;
        opened++;
    }
    for (int at = 0; at < entry->numbers; at++) {
        numbers[at] = PyFloat_AsDouble(given[passed + at]);
        if (numbers[at] == -1.0 && PyErr_Occurred())
            goto done;
    }
    const FloatMode mode = flush_denormals();
    result = entry->run(arrays, numbers);
    restore_denormals(mode);
    if (result == MISFIT)
        PyErr_Format(PyExc_ValueError, "%s: the arrays do not fit together", entry->name);
done:
    while (opened)
        PyBuffer_Release(&views[--opened]);
    return PyErr_Occurred() ? NULL : PyFloat_FromDouble(result);
}

static void release(Bound *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    while (self->bound)
        PyBuffer_Release(&self->views[--self->bound]);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef bound_methods[] = {
    {"run", (PyCFunction)(void (*)(void))run, METH_FASTCALL,
     "Run the stage on its bound arrays, those passed, and the numbers that follow."},
    {NULL, NULL, 0, NULL},
};
static PyType_Slot bound_slots[] = {
    {Py_tp_dealloc, release},
    {Py_tp_methods, bound_methods},
    {0, NULL},
};
static PyType_Spec bound_spec = {
    "innerear.engine.kernel._compiled.Bound", sizeof(Bound), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, bound_slots,
};
static PyTypeObject *bound_type;

static PyObject *bind(PyObject *module, PyObject *const *given, Py_ssize_t count)
{
    (void)module;
    PyObject *text = count ? PyUnicode_AsUTF8String(given[0]) : NULL;
    if (text == NULL)
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "bind takes a stage's name");
    const char *name = PyBytes_AsString(text);
    const Entry *entry = ENTRIES;
    while (entry->name != NULL && strcmp(entry->name, name) != 0)
        entry++;
    if (entry->name == NULL)
        PyErr_Format(PyExc_LookupError, "the compiled stages are of another version: no %s", name);
    Py_DECREF(text);
    if (entry->name == NULL)
        return NULL;
    int all = (int)strlen(entry->arrays);
    if (count - 1 > all)
        return PyErr_Format(PyExc_TypeError, "%s takes %d arrays", entry->name, all);
    Bound *self = PyObject_New(Bound, bound_type);
    if (self == NULL)
        return NULL;
    self->entry = entry;
    self->all = all;
    for (self->bound = 0; self->bound < count - 1; self->bound++) {
        int at = self->bound;
        if (!open_array(entry, at, given[at + 1], &self->views[at], &self->arrays[at])) {
            Py_DECREF(self);
            return NULL;
        }
    }
    PyObject *method = PyObject_GetAttrString((PyObject *)self, "run");
    Py_DECREF(self);
    return method;
}

static PyMethodDef methods[] = {
    {"bind", (PyCFunction)(void (*)(void))bind, METH_FASTCALL,
     "Return a function that runs a stage on these arrays, which stay where they are."},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_compiled", "The stages of the audio callback, compiled.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__compiled(void)
{
    if (bound_type == NULL)
        bound_type = (PyTypeObject *)PyType_FromSpec(&bound_spec);
    if (bound_type == NULL)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    PyObject *names = module ? PyList_New(0) : NULL;
    for (const Entry *entry = ENTRIES; names != NULL && entry->name != NULL; entry++) {
        PyObject *name = PyUnicode_FromString(entry->name);
        if (name == NULL || PyList_Append(names, name) < 0) {
            Py_XDECREF(name);
            Py_CLEAR(names);
            break;
        }
        Py_DECREF(name);
    }
    if (names == NULL || PyModule_AddObject(module, "STAGES", names) < 0) {
        Py_XDECREF(names);
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
